import {
  applyChange,
  type EventBody,
  type EventId,
  type MessageList,
  type MessageState,
  newId,
  type RoomEvent,
  type RoomId,
  type StateOfMessage,
  targetOf,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";

const room = newId<RoomId>();
const authors = ["ann", "bob"].map((username) => ({ id: newId<UserId>(), username }));
/** Above all numbers of the epoch before. */
const EPOCH_JUMP = 1_000;

export const KINDS = ["message", "edit", "delete", "react", "unreact", "pin", "unpin", "reply"] as const;

/** An event as it is drawn. `target`, `name`: which message it changes, and which of the seqs of that one it names. */
export interface Drawn {
  readonly kind: (typeof KINDS)[number];
  readonly target: number;
  readonly name: number;
  readonly by: number;
}

/** Nothing will come up to this seq: the epoch before it has ended. */
export interface Gap {
  readonly type: "gap";
  readonly to: number;
}

/** A room as its server has it: numbered, stored up to a place, and with epochs that end. */
export class RoomModel {
  /** All events that are left, by rising seq. */
  events: RoomEvent[] = [];
  /** So many of them are stored. */
  stored = 0;
  epoch = 1;
  #newest = 0;
  /** What a live connection will still be given. */
  live: (RoomEvent | Gap)[] = [];

  say({ kind, target, name, by: author }: Drawn): void {
    const messages = this.events.filter((event) => event.kind === "message");
    const changed = messages[target % Math.max(messages.length, 1)];
    const names = changed === undefined ? [] : namesOf(changed);
    const seq = ++this.#newest;
    const by = authors[author % authors.length] as (typeof authors)[0];
    const body = bodyOf(changed === undefined ? "message" : kind, names[name % names.length] ?? 0, seq);
    const event = { type: "event", room, epoch: this.epoch, seq, at: seq, by, id: newId<EventId>(), ...body };
    this.events.push(event as RoomEvent);
    this.live.push(event as RoomEvent);
  }

  get storedUpTo(): number {
    return this.events[this.stored - 1]?.seq ?? 0;
  }

  /** What is not stored comes back behind a new epoch. `order`: of several processes. `isHeard`: it was published before the log was lost. */
  loseLog(order: (seq: number) => number, isHeard: (seq: number) => boolean): void {
    const lost = this.events.slice(this.stored).sort((one, other) => order(one.seq) - order(other.seq));
    const floor = this.#newest + EPOCH_JUMP;
    this.#newest = floor + lost.length;
    this.epoch += 1;
    const { epoch, storedUpTo } = this;
    const again = lost.map(
      (event, at): RoomEvent => ({ ...event, epoch, seq: floor + at, was: [...(event.was ?? []), event.seq] }),
    );
    this.events = [...this.events.slice(0, this.stored), ...again];
    const heard = this.live.filter((one) => one.type === "gap" || one.seq <= storedUpTo || isHeard(one.seq));
    this.live = [...heard, { type: "gap", to: floor - 1 }, ...again];
  }

  /** What the server answers now. */
  page(from: number, to: number): MessageList {
    const messages = this.events.slice(from, to);
    const known = foldMoved(this.events.slice(0, this.stored), this.events);
    const states = messages.flatMap(({ seq }) => {
      const state = known.get(seq);
      return state === undefined ? [] : [toWire(seq, state)];
    });
    return { messages, ...(states.length === 0 ? {} : { states, statesUpTo: this.storedUpTo }) };
  }

  /** Each message with its state. */
  get expected(): (readonly [number, MessageState])[] {
    const states = foldMoved(this.events, this.events);
    return this.events.flatMap(({ kind, seq }) =>
      kind === "message" ? [[seq, states.get(seq) ?? UNCHANGED] as const] : [],
    );
  }
}

function namesOf({ seq, was = [] }: RoomEvent): number[] {
  return [seq, ...was];
}

function bodyOf(kind: Drawn["kind"], target: number, seq: number): Partial<EventBody> {
  switch (kind) {
    case "edit":
      return { kind, target, text: `edit ${seq}` };
    case "delete":
      return { kind, target };
    case "react":
      return { kind, target, emoji: "👍" };
    case "unreact":
      return { kind: "react", target, emoji: "👍", remove: true };
    case "pin":
      return { kind, target };
    case "unpin":
      return { kind: "pin", target, remove: true };
    case "reply":
      return { kind: "message", text: `reply ${seq}`, thread: target };
    case "message":
      return { kind, text: `text ${seq}` };
  }
}

/** The fold of `events`, where a target may be a lost seq of one of `all`. */
function foldMoved(events: readonly RoomEvent[], all: readonly RoomEvent[]): Map<number, MessageState> {
  const present = new Map(all.flatMap(({ was = [], seq }) => was.map((lost) => [lost, seq] as const)));
  const states = new Map<number, MessageState>();
  for (const event of events) {
    const named = targetOf(event);
    if (named === undefined) continue;
    const target = present.get(named) ?? named;
    states.set(target, applyChange(states.get(target) ?? UNCHANGED, event));
  }
  return states;
}

function toWire(seq: number, { text, edited, isDeleted, isPinned, reactions, replies }: MessageState): StateOfMessage {
  return {
    seq,
    text,
    edited,
    ...(isDeleted ? { deleted: true } : {}),
    ...(isPinned ? { pinned: true } : {}),
    reactions: [...reactions].map(([emoji, users]) => ({ emoji, count: users.size, users: [...users] })),
    replies,
  } as StateOfMessage;
}
