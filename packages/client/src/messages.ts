import {
  applyChange,
  type MessageList,
  type MessageState,
  type RoomEvent,
  type StateOfMessage,
  targetOf,
  UNCHANGED,
} from "@hubbub/protocol";

export type MessageEvent = Extract<RoomEvent, { kind: "message" }>;

/** A message as it is to be shown. */
export interface Message {
  readonly event: MessageEvent;
  readonly state: MessageState;
}

interface Held extends Message {
  /** All changes up to this seq are in the state. */
  readonly upTo: number;
}

/**
 * The messages of one room with their present states: history pages and live events, in whatever order they arrive. A page
 * has the states of its messages up to `statesUpTo`, and later events are applied to them here.
 */
export class Messages {
  readonly #held = new Map<number, Held>();
  /** Changes that a page to come may not contain, by rising seq: those above the durable mark. */
  #recent: RoomEvent[] = [];
  #durable = 0;

  /** By rising seq. */
  get all(): readonly Message[] {
    return [...this.#held.values()].sort((one, other) => one.event.seq - other.event.seq);
  }

  get(seq: number): Message | undefined {
    return this.#held.get(seq);
  }

  get size(): number {
    return this.#held.size;
  }

  /** Forgets the other messages. Their states come again with the page that they come with. */
  retain(isKept: (seq: number) => boolean): void {
    for (const seq of this.#held.keys()) if (!isKept(seq)) this.#held.delete(seq);
  }

  /** A live event. Returns the seq of the message that it added or changed; undefined: it concerns no message held here. */
  add(event: RoomEvent): number | undefined {
    if (event.kind === "message") this.#hold({ event, state: UNCHANGED, upTo: event.seq });
    const target = targetOf(event);
    if (target === undefined) return event.kind === "message" ? event.seq : undefined;
    if (event.seq > this.#durable && event.seq > (this.#recent.at(-1)?.seq ?? 0)) this.#recent.push(event);
    this.#apply(event, target);
    return event.kind === "message" ? event.seq : target;
  }

  addPage({ messages, states = [], statesUpTo = 0 }: MessageList): void {
    const known = new Map(states.map((state) => [state.seq, toState(state)]));
    for (const event of messages) {
      if (event.kind !== "message") continue;
      const upTo = Math.max(statesUpTo, event.seq);
      this.#hold({ event, state: known.get(event.seq) ?? UNCHANGED, upTo });
    }
    const later = new Map([...messages, ...this.#recent].map((event) => [event.seq, event]));
    for (const event of [...later.values()].sort((one, other) => one.seq - other.seq)) {
      const target = targetOf(event);
      if (target !== undefined) this.#apply(event, target);
    }
  }

  /** Everything up to `seq` is committed: every later page has it. */
  durable(seq: number): void {
    this.#durable = Math.max(this.#durable, seq);
    this.#recent = this.#recent.filter((event) => event.seq > this.#durable);
  }

  /** The newer state stays. */
  #hold(held: Held): void {
    const known = this.#held.get(held.event.seq);
    if (known === undefined || held.upTo > known.upTo) this.#held.set(held.event.seq, held);
  }

  #apply(event: RoomEvent, target: number): void {
    const held = this.#held.get(target);
    if (held === undefined || event.seq <= held.upTo) return;
    this.#held.set(target, { ...held, state: applyChange(held.state, event), upTo: event.seq });
  }
}

function toState({ text, edited, deleted, pinned, reactions = [], replies }: StateOfMessage): MessageState {
  return {
    text,
    edited,
    isDeleted: deleted === true,
    isPinned: pinned === true,
    reactions: new Map(reactions.map(({ emoji, users }) => [emoji, new Set(users)])),
    replies,
  };
}
