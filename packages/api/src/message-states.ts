import type { TailEvent } from "@hubbub/broker";
import { type MovedMessage, readMessageStates } from "@hubbub/chat";
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

/** Where states are read, and for whom. */
interface Viewed {
  readonly states: Store["events"]["states"];
  /** The user who reads the answer: reactions say which are this user's. */
  readonly viewer: UserId;
}

interface ShownStates {
  readonly states?: StateOfMessage[];
  readonly statesUpTo?: number;
}

/** Stored messages of one room with their states; no `states` where nothing has changed them. */
export async function listWithStates(
  viewed: Viewed,
  room: RoomId,
  messages: readonly RoomEvent[],
): Promise<ShownStates & { messages: RoomEvent[] }> {
  const { shown, deleted } = await read(viewed, room, messages, messages);
  return { messages: messages.map((message) => emptied(message, deleted) ?? message), ...shown };
}

/**
 * The events of a page with the states of its messages. Events of the tail still carry the texts of messages that were
 * deleted a moment ago, their mentions and their files: they are emptied here.
 */
export async function withStates(
  viewed: Viewed,
  room: RoomId,
  events: readonly TailEvent[],
): Promise<ShownStates & { events: readonly TailEvent[] }> {
  const parsed = events.map(({ seq, frame }) => (namesOthers(frame) ? parse(frame) : { seq }));
  const edited = parsed.flatMap((event) => ("kind" in event && event.kind === "edit" ? [{ seq: event.target }] : []));
  const { shown, deleted } = await read(viewed, room, parsed, [...parsed, ...edited]);
  return { ...shown, events: deleted.size === 0 ? events : events.map((event) => emptiedFrame(event, deleted)) };
}

/** `deleted`: all seqs that deleted ones of the `asked` messages have or had. */
async function read(
  { states, viewer }: Viewed,
  room: RoomId,
  page: readonly MovedMessage[],
  asked: readonly MovedMessage[],
): Promise<{ shown: ShownStates; deleted: ReadonlySet<number> }> {
  if (asked.length === 0) return { shown: {}, deleted: new Set() };
  const found = await readMessageStates(states, room, asked);
  const isDeleted = ({ seq }: MovedMessage): boolean => found.states.get(seq)?.isDeleted === true;
  const deleted = new Set(asked.filter(isDeleted).flatMap(({ seq, was = [] }) => [seq, ...was]));
  const known = page.flatMap(({ seq }) => {
    const state = found.states.get(seq);
    return state === undefined ? [] : [toWire(seq, state, viewer)];
  });
  return { shown: known.length === 0 ? {} : { states: known, statesUpTo: found.head }, deleted };
}

/** Within a text quotes are escaped, so that only fields of the event match. */
function namesOthers(frame: Buffer): boolean {
  return frame.includes('"was":[') || frame.includes('"kind":"edit"');
}

function toWire(seq: number, state: MessageState, viewer: UserId): StateOfMessage {
  const { text, edited, isDeleted, isPinned, reactions, replies } = state;
  const shown = [...reactions].map(([emoji, users]) => toReaction(emoji, users, viewer));
  return {
    seq,
    ...(text === undefined ? {} : { text }),
    ...(edited === undefined ? {} : { edited }),
    ...(isDeleted ? { deleted: true } : {}),
    ...(isPinned ? { pinned: true } : {}),
    ...(reactions.size === 0 ? {} : { reactions: shown }),
    ...(replies === undefined ? {} : { replies }),
  };
}

/** The viewer is always named: a client must know what it can take back. */
function toReaction(emoji: string, users: ReadonlySet<UserId>, viewer: UserId) {
  const named = users.has(viewer) && users.size > USERS_MAX ? new Set([viewer, ...users]) : users;
  return { emoji, count: users.size, users: [...named].slice(0, USERS_MAX) };
}

function emptiedFrame(event: TailEvent, deleted: ReadonlySet<number>): TailEvent {
  const left = emptied(parse(event.frame), deleted);
  if (left === undefined) return event;
  const { type: _type, room, epoch, seq, at, ...body } = left;
  return { seq, frame: Buffer.from(encodeEventHead(room, epoch, seq, at) + encodeEventBody(body)) };
}

/** What is left of an event of a deleted message; undefined: it is of no such message. */
function emptied(event: RoomEvent, deleted: ReadonlySet<number>): RoomEvent | undefined {
  const isOfDeleted =
    (event.kind === "message" && deleted.has(event.seq)) || (event.kind === "edit" && deleted.has(event.target));
  if (!isOfDeleted) return undefined;
  const { mentions: _mentions, files: _files, ...left }: RoomEvent & { mentions?: unknown; files?: unknown } = event;
  return { ...left, text: "" } as RoomEvent;
}

function parse(frame: Buffer): RoomEvent {
  return JSON.parse(frame.toString()) as RoomEvent;
}
