import type { Gap } from "@hubbub/client";
import type { PublicUser, RoomEvent } from "@hubbub/protocol";

/** What a room looks like: events folded into messages, and own ones that are on their way. Pure. */

/** Items kept; at the bound the oldest go and are loaded again when they are scrolled to. */
const ITEMS_MAX = 2_000;

export interface Message {
  readonly kind: "message";
  readonly seq: number;
  readonly id: string;
  readonly by: PublicUser;
  readonly at: number;
  readonly text: string;
  readonly replyTo: number | undefined;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
  /** Who put which emoji on it. */
  readonly reactions: readonly { readonly emoji: string; readonly users: readonly string[] }[];
}

/** Somebody came or went, something is missing. */
export interface Note {
  readonly kind: "note";
  readonly seq: number;
  readonly at: number;
  readonly text: string;
}

export type Item = Message | Note;

export interface Draft {
  readonly id: string;
  readonly text: string;
  /** Why it was refused; undefined while it is on its way. */
  readonly error: string | undefined;
}

export interface Timeline {
  /** By rising seq. */
  readonly items: readonly Item[];
  readonly drafts: readonly Draft[];
  /** Everything up to here is stored. */
  readonly durableSeq: number;
  readonly hasOlder: boolean;
}

export const EMPTY: Timeline = { items: [], drafts: [], durableSeq: 0, hasOlder: false };

export function withEvent(timeline: Timeline, event: RoomEvent): Timeline {
  const drafts = timeline.drafts.filter(({ id }) => id !== event.id);
  const next = drafts.length === timeline.drafts.length ? timeline : { ...timeline, drafts };
  switch (event.kind) {
    case "message":
      return withItem(next, toMessage(event));
    case "edit":
      return changed(next, event.target, (message) => ({ ...message, text: event.text, isEdited: true }));
    case "delete":
      return changed(next, event.target, (message) => ({ ...message, text: "", isDeleted: true, reactions: [] }));
    case "react":
      return changed(next, event.target, (message) =>
        reacted(message, event.emoji, event.by.id, event.remove ?? false),
      );
    case "join":
      return withItem(
        next,
        note(event, event.user === event.by.id ? `${event.by.username} joined` : "somebody was brought in"),
      );
    case "leave":
      return withItem(
        next,
        note(event, event.user === event.by.id ? `${event.by.username} left` : "somebody was removed"),
      );
    case "room":
      return withItem(next, note(event, `${event.by.username} named the room ${event.name}`));
    case "tombstone":
      return withItem(next, note(event, "a message stood here that could not be stored"));
  }
}

/** The event has another place now. */
export function withMoved(timeline: Timeline, event: RoomEvent, fromSeq: number): Timeline {
  return withEvent({ ...timeline, items: timeline.items.filter(({ seq }) => seq !== fromSeq) }, event);
}

/** An older page, in front of what is there. */
export function withOlder(timeline: Timeline, page: readonly RoomEvent[], hasOlder: boolean): Timeline {
  const first = timeline.items[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = page.filter(({ seq }) => seq < first).reduce(withEvent, EMPTY);
  return { ...timeline, items: [...older.items, ...timeline.items], hasOlder };
}

export function withGap(timeline: Timeline, gap: Gap): Timeline {
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

function withItem(timeline: Timeline, item: Item): Timeline {
  const items = [...timeline.items, item];
  if (items.length <= ITEMS_MAX) return { ...timeline, items };
  return { ...timeline, items: items.slice(-ITEMS_MAX), hasOlder: true };
}

function changed(timeline: Timeline, seq: number, change: (message: Message) => Message): Timeline {
  const items = timeline.items.map((item) => (item.kind === "message" && item.seq === seq ? change(item) : item));
  return { ...timeline, items };
}

function reacted(message: Message, emoji: string, user: string, isRemoved: boolean): Message {
  const known = message.reactions.find((reaction) => reaction.emoji === emoji)?.users ?? [];
  const users = [...known.filter((id) => id !== user), ...(isRemoved ? [] : [user])];
  const others = message.reactions.filter((reaction) => reaction.emoji !== emoji);
  return { ...message, reactions: users.length === 0 ? others : [...others, { emoji, users }] };
}

function toMessage({ seq, id, by, at, text, replyTo }: Extract<RoomEvent, { kind: "message" }>): Message {
  return { kind: "message", seq, id, by, at, text, replyTo, isEdited: false, isDeleted: false, reactions: [] };
}

function note({ seq, at }: RoomEvent, text: string): Note {
  return { kind: "note", seq, at, text };
}
