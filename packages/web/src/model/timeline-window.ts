import { bytesOf, type Draft, type Item, type Message } from "./timeline-items.ts";

/** Items of a window, and about what they hold in memory. At the bound it gives way at the end that nobody has just loaded. */
export const ITEMS_MAX = 2_000;
export const ITEMS_MAX_BYTES = 4 * 1_024 * 1_024;
/** The newest live items that are kept while the window is elsewhere, so that it joins the head without another page. */
const AHEAD_MAX = 200;
const AHEAD_MAX_BYTES = 512 * 1_024;

/** What an earlier visit has left of the room. `at`: when it was the present, Unix milliseconds. */
interface Kept {
  readonly at: number;
  /** All of them are stored. */
  readonly items: readonly Message[];
}

/**
 * What a room looks like: a window of its log, each message with its present state, and own messages that are on their
 * way. The window has every item between its ends. Live events lengthen it while it reaches the head.
 */
export interface Timeline {
  /** Until a page of the room is loaded. `shownItems` has it. */
  readonly kept?: Kept | undefined;
  /** By rising seq. */
  readonly items: readonly Item[];
  readonly drafts: readonly Draft[];
  /** By epoch: everything of it up to here is stored. `isStored` reads it. */
  readonly durable: ReadonlyMap<number, number>;
  /** Of the epoch whose mark came last. It says nothing of events of other epochs. */
  readonly durableSeq: number;
  readonly hasOlder: boolean;
  /** The window does not reach the head. */
  readonly hasNewer: boolean;
  /** Both ends of the window: everything from `oldest` to `newest` is loaded. */
  readonly oldest: number;
  readonly newest: number;
  /** Everything up to here was told. A page may know more already. */
  readonly head: number;
  /** Live items from `aheadFrom` to the head, which the window does not reach; none while it does. */
  readonly ahead: readonly Item[];
  readonly aheadFrom: number;
}

export const EMPTY: Timeline = {
  items: [],
  drafts: [],
  durable: new Map(),
  durableSeq: 0,
  hasOlder: false,
  hasNewer: false,
  oldest: 1,
  newest: 0,
  head: 0,
  ahead: [],
  aheadFrom: 1,
};

/** Joins the window with the live items ahead, where they touch. Every function that moves an end of the window ends with it. */
export function join(timeline: Timeline): Timeline {
  const { items, newest, head, ahead, aheadFrom } = timeline;
  if (newest < head && newest < aheadFrom - 1) return { ...timeline, hasNewer: true };
  const added = ahead.filter(({ seq }) => seq > newest);
  const reached = { hasNewer: false, newest: Math.max(newest, head), ahead: [], aheadFrom: head + 1 };
  return { ...timeline, ...reached, items: added.length === 0 ? items : [...items, ...added] };
}

/** Without everything from `from` on. The head goes back, too. */
export function cut(timeline: Timeline, from: number): Timeline {
  const below = (items: readonly Item[]): Item[] => items.filter(({ seq }) => seq < from);
  const { oldest, newest, head, aheadFrom } = timeline;
  return join({
    ...timeline,
    items: below(timeline.items),
    ahead: below(timeline.ahead),
    oldest: Math.min(oldest, from),
    newest: Math.min(newest, from - 1),
    head: Math.min(head, from - 1),
    aheadFrom: Math.min(aheadFrom, from),
    hasOlder: timeline.hasOlder || oldest > from,
  });
}

/** Gives way at the old end. */
export function trimOldest(timeline: Timeline): Timeline {
  const { items } = timeline;
  const surplus = items.length - countWithin(items.length, (index) => items.at(-1 - index), ITEMS_MAX, ITEMS_MAX_BYTES);
  const last = items[surplus - 1];
  return last === undefined
    ? timeline
    : { ...timeline, items: items.slice(surplus), oldest: last.seq + 1, hasOlder: true };
}

/** Gives way at the new end: the window leaves the head. */
export function trimNewest(timeline: Timeline): Timeline {
  const { items } = timeline;
  const count = countWithin(items.length, (index) => items[index], ITEMS_MAX, ITEMS_MAX_BYTES);
  const first = items[count];
  return first === undefined ? timeline : join({ ...timeline, items: items.slice(0, count), newest: first.seq - 1 });
}

/** What is ahead gives way at its old end: the window is then joined by pages. */
export function shortenAhead(timeline: Timeline): Timeline {
  const { ahead } = timeline;
  const surplus = ahead.length - countWithin(ahead.length, (index) => ahead.at(-1 - index), AHEAD_MAX, AHEAD_MAX_BYTES);
  const last = ahead[surplus - 1];
  return last === undefined ? timeline : { ...timeline, ahead: ahead.slice(surplus), aheadFrom: last.seq + 1 };
}

/** How many items, as `at` counts them, are within the bounds. One always is. */
function countWithin(length: number, at: (index: number) => Item | undefined, max: number, maxBytes: number): number {
  let bytes = 0;
  for (let count = 0; count < length; count += 1) {
    const item = at(count);
    bytes += item === undefined ? 0 : bytesOf(item);
    if (count > 0 && (count >= max || bytes > maxBytes)) return count;
  }
  return length;
}
