import type { RoomEvent } from "./event.ts";
import type { UserId } from "./ids.ts";

/** What later events have made of a message. */
export interface MessageState {
  /** The text of the newest edit; undefined: as it was sent, or deleted. */
  readonly text: string | undefined;
  /** The newest edit; undefined: none. `at`: Unix ms. */
  readonly edited: { readonly seq: number; readonly at: number; readonly count: number } | undefined;
  readonly isDeleted: boolean;
  readonly isPinned: boolean;
  /** Users by emoji, in the order of the first reaction; no emoji is without users. */
  readonly reactions: ReadonlyMap<string, ReadonlySet<UserId>>;
  /** Messages of the thread that begins here. `last`: the newest of them. */
  readonly replies: { readonly count: number; readonly last: number } | undefined;
}

export const UNCHANGED: MessageState = {
  text: undefined,
  edited: undefined,
  isDeleted: false,
  isPinned: false,
  reactions: new Map(),
  replies: undefined,
};

/** The seq of the message that an event changes; undefined: it changes none. */
export function targetOf(event: RoomEvent): number | undefined {
  switch (event.kind) {
    case "message":
      return event.thread;
    case "edit":
    case "delete":
    case "react":
    case "pin":
      return event.target;
    default:
      return undefined;
  }
}

/**
 * The state of a message after one more event with that target. Events are applied by rising seq, each once. Nothing but
 * replies changes a message that was deleted.
 */
export function applyChange(state: MessageState, event: RoomEvent): MessageState {
  if (event.kind === "message")
    return { ...state, replies: { count: (state.replies?.count ?? 0) + 1, last: event.seq } };
  if (state.isDeleted) return state;
  switch (event.kind) {
    case "edit": {
      const { seq, at, text } = event;
      return { ...state, text, edited: { seq, at, count: (state.edited?.count ?? 0) + 1 } };
    }
    case "delete":
      return { ...UNCHANGED, isDeleted: true, replies: state.replies };
    case "pin":
      return { ...state, isPinned: event.remove !== true };
    case "react":
      return { ...state, reactions: react(state.reactions, event.emoji, event.by.id, event.remove === true) };
    default:
      return state;
  }
}

function react(
  reactions: MessageState["reactions"],
  emoji: string,
  user: UserId,
  isRemoval: boolean,
): MessageState["reactions"] {
  const users = new Set(reactions.get(emoji));
  if (isRemoval) users.delete(user);
  else users.add(user);
  const changed = new Map(reactions);
  if (users.size === 0) changed.delete(emoji);
  else changed.set(emoji, users);
  return changed;
}
