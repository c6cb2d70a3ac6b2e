import type { TailEvent } from "@hubbub/broker";
import {
  encodeEventBody,
  encodeEventHead,
  type MessageState,
  type RoomEvent,
  type RoomId,
  type StateOfMessage,
  type UserId,
} from "@hubbub/protocol";
import type { Store } from "@hubbub/store";

/** Users of one reaction that are named; the others are counted only. */
const USERS_MAX = 100;

/** The states of messages of one room; no field where nothing has changed them. */
export async function statesOf(
  states: Store["events"]["states"],
  room: RoomId,
  seqs: readonly number[],
): Promise<{ states?: StateOfMessage[]; statesUpTo?: number }> {
  if (seqs.length === 0) return {};
  const found = await states(room, seqs);
  if (found.states.size === 0) return {};
  return { states: [...found.states].map(([seq, state]) => toWire(seq, state)), statesUpTo: found.head };
}

/**
 * The events of a page with the states of its messages. Events of the tail still carry the texts of messages that were
 * deleted a moment ago, their mentions and their files: they are emptied here.
 */
export async function withStates(
  states: Store["events"]["states"],
  room: RoomId,
  events: readonly TailEvent[],
): Promise<{ events: readonly TailEvent[]; states?: StateOfMessage[]; statesUpTo?: number }> {
  const found = await statesOf(
    states,
    room,
    events.map(({ seq }) => seq),
  );
  const deleted = new Set(found.states?.flatMap((state) => (state.deleted ? [state.seq] : [])));
  return { ...found, events: deleted.size === 0 ? events : events.map((event) => emptied(event, deleted)) };
}

function toWire(seq: number, { text, edited, isDeleted, isPinned, reactions, replies }: MessageState): StateOfMessage {
  return {
    seq,
    ...(text === undefined ? {} : { text }),
    ...(edited === undefined ? {} : { edited }),
    ...(isDeleted ? { deleted: true } : {}),
    ...(isPinned ? { pinned: true } : {}),
    ...(reactions.size === 0 ? {} : { reactions: [...reactions].map(([emoji, users]) => toReaction(emoji, users)) }),
    ...(replies === undefined ? {} : { replies }),
  };
}

function toReaction(emoji: string, users: ReadonlySet<UserId>) {
  return { emoji, count: users.size, users: [...users].slice(0, USERS_MAX) };
}

function emptied(event: TailEvent, deleted: ReadonlySet<number>): TailEvent {
  const parsed = JSON.parse(event.frame.toString()) as RoomEvent;
  const isOfDeleted =
    (parsed.kind === "message" && deleted.has(parsed.seq)) || (parsed.kind === "edit" && deleted.has(parsed.target));
  if (!isOfDeleted) return event;
  const { type: _type, room, epoch, seq, at, ...body } = parsed;
  const left = { ...body, text: "", mentions: undefined, files: undefined };
  const frame = encodeEventHead(room, epoch, seq, at) + encodeEventBody(left);
  return { seq, frame: Buffer.from(frame) };
}
