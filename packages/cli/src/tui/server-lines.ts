import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { parseChatInput } from "../chat/chat-input.ts";
import { LINE_BREAK } from "../chat/line-editor.ts";
import { persist } from "../persist.ts";
import type { TypedLine, TypedLines } from "./typed-lines.ts";

/** Behind the last key. */
const QUIET_MS = 800;

/** A text that the server keeps for a room; "": it was sent, or removed. */
export interface ServerLine {
  readonly room: string;
  readonly text: string;
  readonly at: number;
}

interface ServerLinesHost {
  readonly http: Pick<HubbubHttp, "setDraft" | "removeDraft">;
  readonly lines: TypedLines;
  /** The line of this room was typed in another client of the user. */
  taken(room: string): void;
}

/**
 * Has the server keep the typed lines as drafts, so that the user goes on with them in another client. The later text of a
 * room wins. Commands are not shared.
 */
export class ServerLines {
  readonly #host: ServerLinesHost;
  /** Rooms whose line is still being typed. */
  readonly #typing = new Map<string, ReturnType<typeof setTimeout>>();
  /** Rooms whose line the server does not have as it is. One request at a time: an older text cannot come later. */
  readonly #due = new Set<string>();
  /** Rooms of which the server has a text. */
  readonly #stored = new Set<string>();
  readonly #ended = new AbortController();
  #storing: Promise<void> | undefined;

  constructor(host: ServerLinesHost) {
    this.#host = host;
    host.lines.onTyped = (room) => this.#typed(room);
  }

  take({ room, text, at }: ServerLine): void {
    const { lines, taken } = this.#host;
    if (text === "") this.#stored.delete(room);
    else this.#stored.add(room);
    if (at <= lines.at(room)) return;
    clearTimeout(this.#typing.get(room));
    this.#typing.delete(room);
    lines.take(room, { text: text.replaceAll("\n", LINE_BREAK), isPasted: parseChatInput(text).kind !== "text" }, at);
    taken(room);
  }

  /** Resolves when the server has what was typed, or after `waitMs`. */
  async settle(waitMs: number): Promise<void> {
    for (const room of this.#typing.keys()) this.#isDue(room);
    if (this.#storing === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([this.#storing, late]);
    clearTimeout(timer);
  }

  end(): void {
    this.#ended.abort();
    for (const timer of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
  }

  #typed(room: string): void {
    if (room === "" || this.#ended.signal.aborted) return;
    clearTimeout(this.#typing.get(room));
    const waitMs = sharedText(this.#host.lines.get(room)) === "" ? 0 : QUIET_MS;
    this.#typing.set(
      room,
      setTimeout(() => this.#isDue(room), waitMs),
    );
  }

  #isDue(room: string): void {
    clearTimeout(this.#typing.get(room));
    this.#typing.delete(room);
    this.#due.add(room);
    this.#storing ??= this.#storeAll();
  }

  async #storeAll(): Promise<void> {
    try {
      for (const room of this.#due) {
        this.#due.delete(room);
        // A refusal leaves the line here.
        await persist(() => this.#store(room), this.#ended.signal).catch((error: unknown) => {
          if (!(error instanceof HubbubError)) throw error;
        });
      }
    } finally {
      // In the turn in which nothing was due any more: what becomes due later begins anew.
      this.#storing = undefined;
    }
  }

  async #store(room: string): Promise<void> {
    const { http, lines } = this.#host;
    const [line, at] = [lines.get(room), lines.at(room)];
    const text = sharedText(line);
    if (line !== undefined && text !== "") {
      const held = await http.setDraft(room, { text, at });
      // Of a clock that is ahead the server corrects the time.
      if (held.text === text && lines.at(room) === at) lines.take(room, line, held.at);
      this.take({ ...held, room });
    } else if (this.#stored.has(room)) {
      await http.removeDraft(room, at);
      this.#stored.delete(room);
    }
  }
}

/** What would be said; "" for a command. */
function sharedText(line: TypedLine | undefined): string {
  const input = parseChatInput(line?.text ?? "", line?.isPasted);
  return input.kind === "text" ? input.text.replaceAll(LINE_BREAK, "\n") : "";
}
