import type { Gap, Message as Known } from "@hubbub/client";
import type { HistoryPage, RoomEvent } from "@hubbub/protocol";
import { type Draft, epochOf, type Item, itemOf, itemsOf, type Progress } from "./timeline-items.ts";
import { cut, join, shortenAhead, type Timeline, trimNewest, trimOldest } from "./timeline-window.ts";

export type { Draft, Extras, Item, Message } from "./timeline-items.ts";
export { extrasOf, isInRoom, textOf, toItem } from "./timeline-items.ts";
export { EMPTY, type Timeline } from "./timeline-window.ts";

/** Epochs whose durable mark is kept. */
const EPOCHS_MAX = 16;

/** Every event up to `head` was told, or is older than the subscription. Nothing is loaded yet the first time. */
export function withLive(timeline: Timeline, head: number): Timeline {
  if (timeline.head === 0 && timeline.items.length === 0) {
    const told = { head, newest: Math.max(head, timeline.newest), aheadFrom: head + 1 };
    return { ...timeline, ...told, ...(head === 0 && { kept: undefined }), oldest: head + 1, hasOlder: head > 0 };
  }
  if (head <= timeline.head) return timeline;
  // Something was passed over without a word: the window stays where it is, and its next page has the rest.
  return join({ ...timeline, head, ahead: [], aheadFrom: head + 1 });
}

export function withEvent(timeline: Timeline, event: RoomEvent): Timeline {
  const { was = [] } = event;
  const there = was.length === 0 ? timeline : withoutItems(timeline, (seq) => was.includes(seq));
  const before = event.kind === "task" ? withProgress(there, event.task, undefined) : there;
  return withTold(before, { seq: event.seq, eventId: event.id, item: itemOf(event, before.items) });
}

/** A task goes on; without `progress` it has ended. */
export function withProgress(timeline: Timeline, task: string, progress: Progress | undefined): Timeline {
  const isIts = (item: Item): boolean => item.kind === "note" && item.task === task && item.progress !== progress;
  if (!timeline.items.some(isIts)) return timeline;
  return { ...timeline, items: timeline.items.map((item) => (isIts(item) ? ({ ...item, progress } as Item) : item)) };
}

/** The event has another place now. */
export function withMoved(timeline: Timeline, event: RoomEvent, fromSeq: number): Timeline {
  return withEvent(
    withoutItems(timeline, (seq) => seq === fromSeq),
    event,
  );
}

/**
 * A gap of the reason `epoch` names seqs that never were, or that are void because an older state was restored: then
 * everything from there on is told anew.
 */
export function withGap(timeline: Timeline, gap: Gap): Timeline {
  if (gap.reason === "epoch") {
    const valid = cut(timeline, gap.from);
    return gap.from <= timeline.head ? valid : withTold(valid, { seq: gap.to });
  }
  const text = `${gap.to - gap.from + 1} events are missing here`;
  const at = timeline.items.at(-1)?.at ?? 0;
  return withTold(timeline, { seq: gap.to, item: { kind: "note", seq: gap.to, at, epoch: 0, text } });
}

/** The room goes on in another epoch: what a page had beyond the head is told anew, or was void. */
export function withEpoch(timeline: Timeline): Timeline {
  return cut(timeline, timeline.head + 1);
}

/** The page before `before`. It is passed over if the window has another end by now. */
export function withOlder(timeline: Timeline, before: number, page: HistoryPage): Timeline {
  if (before !== timeline.oldest) return timeline;
  const { cursor } = page;
  const items = [...itemsOf(page.messages.filter(({ seq }) => seq < before)), ...timeline.items];
  const window = { ...timeline, kept: undefined, items, oldest: cursor ?? 1, hasOlder: cursor !== undefined };
  return withoutTaken(trimNewest(withStored(window, page)), page);
}

/** The page behind `after`, likewise. */
export function withNewer(timeline: Timeline, after: number, page: HistoryPage): Timeline {
  if (after !== timeline.newest) return timeline;
  const items = [...timeline.items, ...itemsOf(page.messages.filter(({ seq }) => seq > after))];
  const newest = Math.max(after, page.cursor ?? page.head);
  return withoutTaken(trimOldest(join(withStored({ ...timeline, kept: undefined, items, newest }, page))), page);
}

/** The window stands elsewhere: `older` ends where `newer` begins. Without `newer` it has the newest page. */
export function withWindow(timeline: Timeline, older: HistoryPage, newer?: HistoryPage): Timeline {
  const items = itemsOf([...older.messages, ...(newer?.messages ?? [])]);
  const end = newer === undefined ? older.head : (newer.cursor ?? newer.head);
  // The newer page may have been read first.
  const newest = Math.max(end, older.messages.at(-1)?.seq ?? 0);
  const ends = { oldest: older.cursor ?? 1, hasOlder: older.cursor !== undefined, newest };
  const window = join({ ...timeline, ...ends, kept: undefined, items });
  const pages = newer === undefined ? [older] : [older, newer];
  return pages.reduce((next, page) => withoutTaken(withStored(next, page), page), window);
}

/** What is to be seen: with the messages of an earlier visit, as long as nothing newer is known of them. */
export function shownItems({ kept, items }: Pick<Timeline, "kept" | "items">): readonly Item[] {
  if (kept === undefined) return items;
  const from = items[0]?.seq ?? Infinity;
  return [...kept.items.filter(({ seq }) => seq < from), ...items];
}

/**
 * Every message in its present state. Items that did not change stay the same objects. What has come back at another
 * place is there only.
 */
export function withStates(timeline: Timeline, known: (seq: number) => Known | undefined): Timeline {
  const items = timeline.items.flatMap((item): Item[] => {
    const held = item.kind === "message" ? known(item.seq) : undefined;
    if (item.kind === "note" || held === undefined) return [item];
    if (held.event.seq !== item.seq) return [];
    return held.state === item.state ? [item] : [{ ...item, state: held.state }];
  });
  return { ...timeline, items };
}

/** A mark says nothing of events of another epoch. */
export function withDurable(timeline: Timeline, seq: number, epoch: number): Timeline {
  const mark = Math.max(seq, timeline.durable.get(epoch) ?? 0);
  const others = [...timeline.durable].filter(([other]) => other !== epoch).slice(1 - EPOCHS_MAX);
  return { ...timeline, durable: new Map([...others, [epoch, mark]]), durableSeq: mark };
}

/** Whether an item outlives a crash of everything: it is committed. */
export function isStored({ durable, kept }: Pick<Timeline, "durable" | "kept">, item: Item): boolean {
  return item.seq <= (durable.get(epochOf(item)) ?? 0) || kept?.items.some((one) => one === item) === true;
}

export function withDraft(timeline: Timeline, draft: Draft): Timeline {
  return { ...timeline, drafts: [...timeline.drafts.filter(({ id }) => id !== draft.id), draft] };
}

export function withoutDraft(timeline: Timeline, id: string): Timeline {
  return { ...timeline, drafts: timeline.drafts.filter((draft) => draft.id !== id) };
}

/** The server has taken the draft. Its event stands for it, where that was told already or is still to come. */
export function withTaken(timeline: Timeline, id: string, seq: number): Timeline {
  const drafts = timeline.drafts.map((draft) => (draft.id === id ? { ...draft, error: undefined, seq } : draft));
  return { ...timeline, drafts: drafts.filter((draft) => (draft.seq ?? Infinity) > timeline.head) };
}

interface Told {
  readonly seq: number;
  readonly eventId?: string;
  readonly item?: Item | undefined;
}

/** Drafts whose place has been passed are drafts no more. A page may have been ahead of what is told. */
function withTold(timeline: Timeline, { seq, eventId, item }: Told): Timeline {
  const head = Math.max(seq, timeline.head);
  const isOnItsWay = (draft: Draft): boolean => draft.id !== eventId && (draft.seq ?? Infinity) > head;
  const told = { ...timeline, head, drafts: timeline.drafts.filter(isOnItsWay) };
  const added = item === undefined ? [] : [item];
  if (timeline.hasNewer) return shortenAhead({ ...told, ahead: [...timeline.ahead, ...added] });
  if (seq <= timeline.newest) return { ...told, aheadFrom: head + 1 };
  return trimOldest({ ...told, items: [...timeline.items, ...added], newest: seq, aheadFrom: head + 1 });
}

function withoutItems(timeline: Timeline, isGone: (seq: number) => boolean): Timeline {
  const without = (items: readonly Item[]): Item[] => items.filter(({ seq }) => !isGone(seq));
  return { ...timeline, items: without(timeline.items), ahead: without(timeline.ahead) };
}

function withoutTaken(timeline: Timeline, { messages }: HistoryPage): Timeline {
  const ids = new Set(messages.map(({ id }) => id as string));
  return { ...timeline, drafts: timeline.drafts.filter(({ id }) => !ids.has(id)) };
}

/**
 * What is in the history of a room that has gone on in another epoch is committed, as is all of a partial page. The epoch
 * may have changed between the reading of the page and that of its head.
 */
function withStored(timeline: Timeline, { messages, epoch, head, partial }: HistoryPage): Timeline {
  const last = messages.at(-1);
  const isNewer = last !== undefined && last.epoch !== epoch && last.seq === head;
  const ofOthers = messages.filter(
    (event) => partial || (event.epoch !== epoch && !(isNewer && event.epoch === last.epoch)),
  );
  const { durableSeq } = timeline;
  return { ...ofOthers.reduce((next, event) => withDurable(next, event.seq, event.epoch), timeline), durableSeq };
}
