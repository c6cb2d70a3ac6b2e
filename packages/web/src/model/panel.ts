import type { HubbubHttp, Messages } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";
import { type Message, toItem } from "./timeline.ts";

/** What is shown beside the room. `root`: the seq of the message that a thread begins with. */
export type PanelKind = { readonly kind: "pins" } | { readonly kind: "thread"; readonly root: number };

export type Panel = PanelKind & { readonly items: readonly Message[]; readonly isLoading: boolean };

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

/** Reads what the server has of it. */
export async function loadPanel(
  { messages: read }: HubbubHttp,
  room: RoomId,
  panel: PanelKind,
  messages: Messages,
): Promise<void> {
  if (panel.kind === "pins") {
    messages.addPage(await read.pins(room));
    return;
  }
  messages.addPage(await read.get(room, panel.root));
  let after: number | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const list = await read.thread(room, panel.root, after);
    messages.addPage(list);
    after = list.cursor;
    if (after === undefined) return;
  }
}

export function isSame(one: PanelKind, other: PanelKind): boolean {
  return one.kind === other.kind && (one.kind === "pins" || other.kind === "pins" || one.root === other.root);
}
