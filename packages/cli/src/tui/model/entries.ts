import type { Message } from "@hubbub/client";
import type { Draft } from "./drafts.ts";
import type { Talk } from "./talk.ts";

/** What stands in a room, from top to bottom. `key`: the same as long as it is the same. */
export type Entry = { readonly key: string } /** `isFirst`: its author is named above it. */ & (
  | { readonly kind: "message"; readonly message: Message; readonly isFirst: boolean }
  | { readonly kind: "draft"; readonly draft: Draft }
  | { readonly kind: "note"; readonly at: number; readonly text: string }
  | { readonly kind: "said"; readonly lines: readonly string[] }
  | { readonly kind: "day"; readonly at: number }
  | { readonly kind: "new" }
);

/** Messages of one author within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

interface Placed {
  readonly seq: number;
  readonly at: number;
  readonly entry: Entry;
}

/** The room: messages but those that are shown in their thread only. */
export function entriesOf(talk: Talk, me: string | undefined): Entry[] {
  const { from, to } = talk.past ?? { from: talk.oldest, to: Number.POSITIVE_INFINITY };
  const isShown = (seq: number): boolean => seq >= from && seq <= to;
  const placed: Placed[] = [];
  for (const message of talk.messages.all) {
    const { seq, at, thread, broadcast } = message.event;
    if (!isShown(seq) || (thread !== undefined && broadcast !== true)) continue;
    placed.push({ seq, at, entry: { kind: "message", key: keyOf(message), message, isFirst: true } });
  }
  for (const [seq, { at, text }] of talk.notes)
    if (isShown(seq)) placed.push({ seq, at, entry: { kind: "note", key: `note ${seq}`, at, text } });
  for (const { id, after, lines, thread } of talk.said.all)
    if (thread === undefined && after >= from - 1 && after <= to)
      placed.push({ seq: after + 0.5, at: 0, entry: { kind: "said", key: saidKey(id), lines } });
  placed.sort((one, other) => one.seq - other.seq);
  const drafts = talk.past === undefined ? talk.drafts.all.filter(({ thread }) => thread === undefined) : [];
  // Before the page that has it comes, the line would stand too low.
  const { after } = talk.newLine;
  const newAfter = after !== undefined && from <= after + 1 ? after : undefined;
  return [...withLines(placed, newAfter, me), ...drafts.map((draft) => draftEntry(draft, me))];
}

/** A thread: its first message, the answers, and own ones on their way. */
export function threadEntries(talk: Talk, root: number, me: string | undefined): Entry[] {
  const isIn = ({ event }: Message): boolean =>
    event.seq === talk.messages.presentSeq(root) ||
    (event.thread !== undefined && talk.messages.presentSeq(event.thread) === talk.messages.presentSeq(root));
  const placed = talk.messages.all.filter(isIn).map((message): Placed => {
    const { seq, at } = message.event;
    return { seq, at, entry: { kind: "message", key: keyOf(message), message, isFirst: true } };
  });
  for (const { id, after, lines, thread } of talk.said.all)
    if (thread === root) placed.push({ seq: after + 0.5, at: 0, entry: { kind: "said", key: saidKey(id), lines } });
  placed.sort((one, other) => one.seq - other.seq);
  const drafts = talk.drafts.all.filter(({ thread }) => thread === root);
  return [...withLines(placed, undefined, me), ...drafts.map((draft) => draftEntry(draft, me))];
}

export function saidKey(id: number): string {
  return `said ${id}`;
}

/** The id stays when the number changes, and a draft becomes its message in place. */
function keyOf({ event }: Message): string {
  return `${event.by.id} ${event.id}`;
}

function draftEntry(draft: Draft, me = ""): Entry {
  return { kind: "draft", key: `${me} ${draft.id}`, draft };
}

/** Adds lines between days and before what is new, and names authors where they change. */
function withLines(placed: readonly Placed[], newAfter: number | undefined, me: string | undefined): Entry[] {
  const entries: Entry[] = [];
  let day = "";
  let isNewAbove = newAfter === undefined;
  let before: Placed | undefined;
  for (const one of placed) {
    const { seq, at, entry } = one;
    const isOthers = entry.kind === "message" && entry.message.event.by.id !== me;
    let isCut = false;
    if (at > 0 && new Date(at).toDateString() !== day) {
      day = new Date(at).toDateString();
      entries.push({ kind: "day", key: `day ${day}`, at });
      isCut = true;
    }
    if (!isNewAbove && isOthers && seq > (newAfter ?? 0)) {
      isNewAbove = true;
      isCut = true;
      entries.push({ kind: "new", key: "new" });
    }
    entries.push(entry.kind === "message" ? { ...entry, isFirst: isCut || !belongs(before, one) } : entry);
    before = one;
  }
  return entries;
}

function belongs(before: Placed | undefined, { at, entry }: Placed): boolean {
  if (before?.entry.kind !== "message" || entry.kind !== "message") return false;
  const isSame = before.entry.message.event.by.id === entry.message.event.by.id;
  return isSame && at - before.at < TOGETHER_MS && entry.message.event.replyTo === undefined;
}
