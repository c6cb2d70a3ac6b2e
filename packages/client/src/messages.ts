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
  /** The state that can no longer change its past: without the changes of `#recent`. All changes up to `stableUpTo` are in it. */
  readonly stable: MessageState;
  readonly stableUpTo: number;
}

/** Changes that are kept apart from the states that they are in; of more, the oldest count as durable. */
const RECENT_MAX = 4_096;
/** Lost seqs that are known to mean another one; at the bound the oldest are forgotten. */
const MOVED_MAX = 4_096;

/**
 * The messages of one room with their present states: history pages and live events, in whatever order they arrive. A page
 * has the states of its messages up to `statesUpTo`, and later events are applied to them here.
 */
export class Messages {
  readonly #held = new Map<number, Held>();
  /** The present seq of messages, by the seqs that they lost with an epoch. */
  readonly #moved = new Map<number, number>();
  /** Changes that a page to come may not contain, by rising seq: those above the durable mark. */
  #recent: RoomEvent[] = [];
  #durable = 0;
  /** Of the newest live event. */
  #epoch = 0;

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
    this.#epoch = event.epoch;
    if (event.was !== undefined) this.#forgetLost(event.was);
    if (event.kind === "message") this.#hold(sent(event));
    if (event.kind === "message" && event.was !== undefined) this.#move(event.was, event);
    const target = this.#targetOf(event);
    if (target === undefined) return event.kind === "message" ? event.seq : undefined;
    if (event.seq > this.#durable && event.seq > (this.#recent.at(-1)?.seq ?? 0)) this.#recent.push(event);
    this.#apply(event, target);
    return event.kind === "message" ? event.seq : target;
  }

  addPage({ messages, states = [], statesUpTo = 0 }: MessageList): void {
    const known = new Map(states.map((state) => [state.seq, toState(state)]));
    for (const event of messages) {
      if (event.kind !== "message") continue;
      const [state, upTo] = [known.get(event.seq) ?? UNCHANGED, Math.max(statesUpTo, stableUpToOf(event))];
      this.#hold({ event, state, upTo, stable: state, stableUpTo: upTo });
      for (const lost of event.was ?? []) this.#moved.set(lost, event.seq);
    }
    const later = new Map([...messages, ...this.#recent].map((event) => [event.seq, event]));
    for (const event of [...later.values()].sort((one, other) => one.seq - other.seq)) {
      const target = this.#targetOf(event);
      if (target !== undefined) this.#apply(event, target);
    }
  }

  /** Everything up to `seq` is committed: every later page has it, and no lost log takes it back. */
  durable(seq: number): void {
    this.#durable = Math.max(this.#durable, seq);
    const surplus = this.#recent[this.#recent.length - 1 - RECENT_MAX]?.seq ?? 0;
    // A mark says nothing of events of an epoch that has ended: they may come again.
    const isStable = (event: RoomEvent) =>
      event.seq <= surplus || (event.seq <= this.#durable && event.epoch === this.#epoch);
    for (const event of this.#recent.filter(isStable)) this.#settle(event);
    this.#recent = this.#recent.filter((event) => !isStable(event));
  }

  #settle(event: RoomEvent): void {
    const target = this.#targetOf(event);
    const held = target === undefined ? undefined : this.#held.get(target);
    if (target === undefined || held === undefined || event.seq <= held.stableUpTo) return;
    this.#held.set(target, { ...held, stable: applyChange(held.stable, event), stableUpTo: event.seq });
  }

  /** These seqs are void: what they changed is as it was before, until their events come again. */
  #forgetLost(lost: readonly number[]): void {
    const isLost = (event: RoomEvent) => lost.includes(event.seq);
    const targets = new Set(this.#recent.filter(isLost).map((event) => this.#targetOf(event)));
    if (targets.size === 0) return;
    this.#recent = this.#recent.filter((event) => !isLost(event));
    for (const target of targets) if (target !== undefined) this.#foldAgain(target);
  }

  /** Changes that named a lost seq of the message, and were offered again before it, are changes of this one. */
  #move(lost: readonly number[], event: MessageEvent): void {
    for (const one of lost) {
      const before = this.#held.get(one);
      if (before !== undefined) this.#held.set(event.seq, { ...before, event });
      this.#held.delete(one);
      this.#moved.set(one, event.seq);
    }
    for (const [oldest] of this.#moved) {
      if (this.#moved.size <= MOVED_MAX) break;
      this.#moved.delete(oldest);
    }
    this.#foldAgain(event.seq);
  }

  #foldAgain(seq: number): void {
    const held = this.#held.get(seq);
    if (held === undefined) return;
    this.#held.set(seq, { ...held, state: held.stable, upTo: held.stableUpTo });
    for (const event of this.#recent) if (this.#targetOf(event) === seq) this.#apply(event, seq);
  }

  #targetOf(event: RoomEvent): number | undefined {
    const named = targetOf(event);
    return named === undefined ? undefined : (this.#moved.get(named) ?? named);
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

function sent(event: MessageEvent): Held {
  const upTo = stableUpToOf(event);
  return { event, state: UNCHANGED, upTo, stable: UNCHANGED, stableUpTo: upTo };
}

/** Changes of a message are behind it, unless it was offered again behind them. */
function stableUpToOf({ seq, was }: MessageEvent): number {
  return was?.at(-1) ?? seq;
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
