import type { HubbubHttp, Messages } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";
import { type Message, toItem } from "./timeline.ts";

/** What is shown beside the room. `root`: the seq of the message that a thread begins with. */
export type PanelKind = { readonly kind: "pins" } | { readonly kind: "thread"; readonly root: number };

export type Panel = PanelKind & {
  readonly items: readonly Message[];
  readonly isLoading: boolean;
  /** Of a thread: what the user chose, or the server found; undefined: neither, or not known yet. */
  readonly following?: boolean | undefined;
};

/** Pages of one thread that are loaded. */
const PAGES_MAX = 10;

/** The messages of a thread, or the pinned ones, as far as they are known. */
export function itemsOf(panel: PanelKind, messages: Messages): Message[] {
  const isRoot = (seq: number): boolean => panel.kind === "thread" && seq === messages.presentSeq(panel.root);
  const isPart = (seq: number, thread: number | undefined, isPinned: boolean): boolean =>
    panel.kind === "pins" ? isPinned : isRoot(seq) || (thread !== undefined && isRoot(messages.presentSeq(thread)));
  return messages.all
    .filter(({ event, state }) => isPart(event.seq, event.thread, state.isPinned) && !hidden(panel, state.isDeleted))
    .map(toItem);
}

function hidden({ kind }: PanelKind, isDeleted: boolean): boolean {
  return kind === "pins" && isDeleted;
}

/** Whether the user follows the thread that is shown. Who writes in it does, unless they chose otherwise. */
export function isFollowed({ items, following }: Panel, me: string): boolean {
  return following ?? (items.length > 1 && items.some(({ event }) => event.by.id === me));
}

export interface PanelHost {
  readonly room: RoomId;
  readonly http: HubbubHttp;
  readonly messages: Messages;
  readonly signal: AbortSignal;
  shown(): Panel | undefined;
  set(panel: Panel | undefined): void;
  /** `messages` has more than before. */
  read(): void;
  failed(error: unknown): void;
}

/** What stands beside one room. */
export class Panels {
  readonly #host: PanelHost;

  constructor(host: PanelHost) {
    this.#host = host;
  }

  /** undefined closes it. */
  show(panel: PanelKind | undefined): void {
    const { messages, signal, failed, read, set } = this.#host;
    set(panel && { ...panel, items: itemsOf(panel, messages), isLoading: true });
    if (panel === undefined) return;
    persist(() => this.#load(panel), signal)
      .catch((error: unknown) => void failed(error) as undefined)
      .then((following) => {
        this.#change(panel, { isLoading: false, following });
        read();
      })
      .catch(reportError);
  }

  /** Of the thread that begins with `root`. A refusal is told. */
  follow(root: number, following: boolean): void {
    const { room, http, messages, failed } = this.#host;
    const seq = messages.presentSeq(root);
    const done = following ? http.messages.follow(room, seq) : http.messages.unfollow(room, seq);
    done.then(() => this.#change({ kind: "thread", root }, { following }), failed);
  }

  #change(panel: PanelKind, change: Partial<Pick<Panel, "isLoading" | "following">>): void {
    const shown = this.#host.shown();
    if (shown !== undefined && isSame(shown, panel)) this.#host.set({ ...shown, ...change });
  }

  /** Reads what the server has of it. Answers whether the user follows the thread. */
  async #load(panel: PanelKind): Promise<boolean | undefined> {
    const { room, http, messages } = this.#host;
    if (panel.kind === "pins") {
      messages.addPage(await http.messages.pins(room));
      return undefined;
    }
    messages.addPage(await http.messages.get(room, panel.root));
    let after: number | undefined;
    let following: boolean | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const list = await http.messages.thread(room, panel.root, after);
      messages.addPage(list);
      ({ cursor: after, following } = list);
      if (after === undefined) break;
    }
    return following;
  }
}

function isSame(one: PanelKind, other: PanelKind): boolean {
  return one.kind === other.kind && (one.kind === "pins" || other.kind === "pins" || one.root === other.root);
}
