import type { Gap, Message as Known, MessageEvent } from "@hubbub/client";
import { type FileInfo, type MessageState, type RoomEvent, UNCHANGED } from "@hubbub/protocol";

/** What a room looks like: messages in their order, each with its present state, and own ones that are on their way. Pure. */

/** Items kept; at the bound the oldest go and are loaded again when they are scrolled to. */
const ITEMS_MAX = 2_000;

export interface Message {
  readonly kind: "message";
  readonly seq: number;
  readonly at: number;
  readonly event: MessageEvent;
  /** What later events have made of it. */
  readonly state: MessageState;
}

/** Somebody came or went, something is missing. */
export interface Note {
  readonly kind: "note";
  readonly seq: number;
  readonly at: number;
  readonly text: string;
}

export type Item = Message | Note;

/** What a message has beside its text. */
export interface Extras {
  readonly replyTo?: number | undefined;
  readonly thread?: number | undefined;
  readonly files?: readonly Pick<FileInfo, "id" | "name">[] | undefined;
}

export interface Draft extends Extras {
  readonly id: string;
  readonly text: string;
  /** Why it was refused; undefined while it is on its way. */
  readonly error: string | undefined;
  /** Its place, once the server has told it. */
  readonly seq?: number | undefined;
}

/** What an earlier visit has left of the room. `at`: when it was the present, Unix milliseconds. */
interface Kept {
  readonly at: number;
  readonly items: readonly Message[];
}

export interface Timeline {
  /** Until the room is loaded. */
  readonly kept?: Kept | undefined;
  /** By rising seq. */
  readonly items: readonly Item[];
  readonly drafts: readonly Draft[];
  /** Everything up to here is stored. */
  readonly durableSeq: number;
  readonly hasOlder: boolean;
  /** Everything from here on is loaded. */
  readonly oldest: number;
  /** Everything up to here was told. */
  readonly newest: number;
}

export const EMPTY: Timeline = {
  items: [],
  drafts: [],
  durableSeq: 0,
  hasOlder: false,
  oldest: 1,
  newest: 0,
};

/** Nothing is loaded yet; from `head` on everything is heard. */
export function withLive(timeline: Timeline, head: number): Timeline {
  return { ...timeline, durableSeq: 0, oldest: head + 1, newest: head, hasOlder: head > 0 };
}

export function withEvent(timeline: Timeline, event: RoomEvent): Timeline {
  const next = withTold(timeline, event.seq, event.id);
  switch (event.kind) {
    case "message":
      return withItem(next, toItem({ event, state: UNCHANGED }));
    case "edit":
    case "delete":
    case "react":
      return next;
    case "member":
      return withItem(next, note(event, `${event.by.username} ${memberNews(event, nameIn(timeline, event.user))}`));
    case "pin":
      return withItem(next, note(event, `${event.by.username} ${event.remove ? "unpinned" : "pinned"} a message`));
    case "join":
      return withItem(
        next,
        note(event, event.user === event.by.id ? `${event.by.username} joined` : "somebody was added"),
      );
    case "leave":
      return withItem(
        next,
        note(event, event.user === event.by.id ? `${event.by.username} left` : "somebody was removed"),
      );
    case "room":
      return withItem(next, note(event, `${event.by.username} changed the room: ${roomNews(event)}`));
    case "tombstone":
      return withItem(next, note(event, "a message here could not be stored"));
  }
}

/** Of somebody who wrote something that is loaded. */
function nameIn({ items }: Timeline, user: string): string {
  const item = items.findLast((one) => one.kind === "message" && one.event.by.id === user);
  return item?.kind === "message" ? item.event.by.username : "a member";
}

function memberNews({ role, mutedUntil }: Extract<RoomEvent, { kind: "member" }>, name: string): string {
  if (role !== undefined) return `made ${name} ${/^[ao]/.test(role) ? "an" : "a"} ${role}`;
  return mutedUntil === 0 ? `ended the mute of ${name}` : `muted ${name}`;
}

function roomNews({ name, topic, settings }: Extract<RoomEvent, { kind: "room" }>): string {
  const { archived, slowModeSeconds, history, keepRevisions } = settings ?? {};
  return [
    name,
    ...(topic === "" ? [] : [topic]),
    ...(archived ? ["archived"] : []),
    ...(slowModeSeconds === undefined ? [] : [`slow mode ${slowModeSeconds} s`]),
    ...(history === "joined" ? ["earlier messages hidden from newcomers"] : []),
    ...(keepRevisions === false ? ["no earlier texts kept"] : []),
  ].join(" · ");
}

/** The event has another place now. */
export function withMoved(timeline: Timeline, event: RoomEvent, fromSeq: number): Timeline {
  return withEvent({ ...timeline, items: timeline.items.filter(({ seq }) => seq !== fromSeq) }, event);
}

/** An older page, in front of what is there. An empty one is the beginning of the room. */
export function withOlder(timeline: Timeline, page: readonly RoomEvent[]): Timeline {
  const fresh = page.filter(({ seq }) => seq < timeline.oldest);
  const oldest = fresh[0]?.seq ?? timeline.oldest;
  const ids = new Set(fresh.map(({ id }) => id as string));
  return {
    ...timeline,
    kept: undefined,
    items: [...fresh.reduce(withEvent, EMPTY).items, ...timeline.items],
    drafts: timeline.drafts.filter(({ id }) => !ids.has(id)),
    oldest,
    hasOlder: fresh.length > 0 && oldest > 1,
  };
}

/** What is to be seen: with the messages of an earlier visit, as long as nothing newer is known of them. */
export function shownItems({ kept, items }: Timeline): readonly Item[] {
  const [first] = items;
  return kept === undefined ? items : [...kept.items.filter(({ seq }) => seq < (first?.seq ?? Infinity)), ...items];
}

/** Every message in its present state. Items that did not change stay the same objects. */
export function withStates(timeline: Timeline, known: (seq: number) => Known | undefined): Timeline {
  const items = timeline.items.map((item) => {
    const state = item.kind === "message" ? known(item.seq)?.state : undefined;
    return item.kind === "note" || state === undefined || state === item.state ? item : { ...item, state };
  });
  return { ...timeline, items };
}

export function toItem({ event, state }: Known): Message {
  return { kind: "message", seq: event.seq, at: event.at, event, state };
}

export function textOf({ event, state }: Known): string {
  return state.text ?? event.text;
}

/** Replies in threads are shown there; in the room only where their author wants it. */
export function isInRoom(item: Item): boolean {
  return item.kind === "note" || item.event.thread === undefined || item.event.broadcast === true;
}

export function withGap(before: Timeline, gap: Gap): Timeline {
  const timeline = withTold(before, gap.to);
  if (gap.reason === "epoch") return timeline;
  const text = `${gap.to - gap.from + 1} events are missing here`;
  return withItem(timeline, { kind: "note", seq: gap.to, at: timeline.items.at(-1)?.at ?? 0, text });
}

export function withDurable(timeline: Timeline, seq: number): Timeline {
  return { ...timeline, durableSeq: Math.max(seq, timeline.durableSeq) };
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
  return withTold({ ...timeline, drafts }, timeline.newest);
}

/** Drafts whose place has been passed are drafts no more. */
function withTold(timeline: Timeline, seq: number, eventId?: string): Timeline {
  const newest = Math.max(seq, timeline.newest);
  const isOnItsWay = (draft: Draft): boolean => draft.id !== eventId && (draft.seq ?? Infinity) > newest;
  return { ...timeline, newest, drafts: timeline.drafts.filter(isOnItsWay) };
}

function withItem(timeline: Timeline, item: Item): Timeline {
  const items = [...timeline.items, item];
  if (items.length <= ITEMS_MAX) return { ...timeline, items };
  const kept = items.slice(-ITEMS_MAX);
  return { ...timeline, items: kept, hasOlder: true, oldest: kept[0]?.seq ?? timeline.oldest };
}

function note({ seq, at }: RoomEvent, text: string): Note {
  return { kind: "note", seq, at, text };
}
