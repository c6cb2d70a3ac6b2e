import type { Emoji } from "../../model/completion.ts";

/** What the build writes into `emoji.json`. */
export interface EmojiData {
  readonly categories: readonly { readonly index: number; readonly label: string }[];
  readonly emojis: readonly {
    readonly emoji: string;
    readonly label: string;
    readonly category: number;
    readonly version: number;
    readonly tags: readonly string[];
    readonly codes: readonly string[];
  }[];
}

let loading: Promise<EmojiData> | undefined;

/** Loaded once, when somebody needs it. After a failure it is asked for again. */
export function loadEmoji(): Promise<EmojiData> {
  loading ??= fetchEmoji().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** For the completion of `:code:`. */
export async function loadCodes(): Promise<readonly Emoji[]> {
  const { emojis } = await loadEmoji();
  return emojis.filter(({ codes }) => codes.length > 0).map(({ emoji, codes }) => ({ unicode: emoji, codes }));
}

async function fetchEmoji(): Promise<EmojiData> {
  const answer = await fetch(new URL("emoji.json", document.baseURI));
  if (!answer.ok) throw new Error(`emoji.json: ${answer.status}`);
  return answer.json();
}
