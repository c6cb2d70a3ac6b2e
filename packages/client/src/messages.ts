import {
  applyChange,
  type HistoryPage,
  type MessageList,
  type MessageState,
  type RoomEvent,
  type StateOfMessage,
  targetOf,
  UNCHANGED,
} from "@hubbub/protocol";
import { ChangeLog } from "./change-log.ts";
import { MovedEvents } from "./moved-events.ts";
import type { Position, Span } from "./room-cursor.ts";

export type MessageEvent = Extract<RoomEvent, { kind: "message" }>;

/** A message as it is to be shown. */
export interface Message {
  readonly event: MessageEvent;
  readonly state: MessageState;
}

interface Held extends Message {
  /** The state without the changes of the log behind `baseUpTo`. All changes up to there are in it. */
  readonly base: MessageState;
  readonly baseUpTo: number;
  /** The newest change in the state. */
  readonly upTo: number;
}

/**
 * The messages of one room with their present states: history pages and live events, in whatever order they arrive. A page
 * has the states of its messages up to `statesUpTo`, and later events are applied to them here.
 *
 * Changes are kept beside the states, up to `CHANGES_MAX_BYTES`: a page that was asked for earlier may lack them, and one
 * that is lost with an epoch comes again under another seq. Messages are kept until `retain` forgets them.
 */
export class Messages {
  readonly #held = new Map<number, Held>();
  readonly #changes: ChangeLog;
  /**
   * Present seqs by the seqs that events lost with an epoch. At most `WAS_MAX` for each message held and each change of the
   * log, which counts them, and those that `add` was told.
   */
  readonly #present = new Map<number, number>();
  /** Events of pages that may be lost with their epoch. Live ones have `onMoved`. */
  readonly #ofPages = new MovedEvents();
  #mark: Position | undefined;

  constructor({ changesMaxBytes }: { readonly changesMaxBytes?: number | undefined } = {}) {
    this.#changes = new ChangeLog(changesMaxBytes);
  }

  /** By rising seq. */
  get all(): readonly Message[] {
    return [...this.#held.values()].sort((one, other) => one.event.seq - other.event.seq);
  }

  /** `seq`: also one that the message had before. */
  get(seq: number): Message | undefined {
    return this.#held.get(this.presentSeq(seq));
  }

  /** For a `thread`, `replyTo` or `target`, which may name a seq that its message had before. */
  presentSeq(seq: number): number {
    return this.#present.get(seq) ?? seq;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Forgets the other messages. Their states come again with the page that they come with. */
  retain(isKept: (seq: number) => boolean): void {
    for (const { event } of [...this.#held.values()]) if (!isKept(event.seq)) this.#drop(event);
  }

  /**
   * A live event. `fromSeq`: where it was before, as `onMoved` tells; by default, where a page had it in an earlier epoch. Returns
   * the seq of the message that it added or changed; undefined: it concerns no message held here.
   */
  add(event: RoomEvent, fromSeq: number | undefined = this.#seqOnPage(event)): number | undefined {
    this.#take(fromSeq === undefined ? event : withLost(event, [fromSeq]), UNCHANGED, 0);
    this.#settle();
    const isHeld = event.kind === "message" && this.#held.has(event.seq);
    return isHeld ? event.seq : this.#targetOf(event);
  }

  /** `epoch`: of the room; without it, all messages of the page are committed. */
  addPage({ messages, states = [], statesUpTo = 0, epoch }: MessageList & Partial<Pick<HistoryPage, "epoch">>): void {
    const known = new Map(states.map((state) => [state.seq, toState(state)]));
    for (const event of messages) {
      const from = this.#seqOnPage(event) ?? event.seq;
      if (event.epoch === epoch && !this.#isDurable(event)) this.#ofPages.remember(event);
      this.#take(withLost(event, [from]), known.get(event.seq) ?? UNCHANGED, statesUpTo);
    }
    this.#settle();
  }

  /** Everything of this epoch up to `seq` is committed: no lost log takes it back. */
  durable(seq: number, epoch: number): void {
    this.#changes.durable(seq, epoch);
    this.#ofPages.durable(seq, epoch);
    this.#mark = { seq, epoch };
  }

  /**
   * These seqs are void, as a gap of the reason `epoch` tells: other events may come there. What a page had counted in of
   * them stays in the states until the next page.
   */
  lost({ from, to }: Span): void {
    const isLost = (seq: number): boolean => seq >= from && seq <= to;
    this.#ofPages.forgetBehind(from - 1);
    for (const { event } of [...this.#held.values()]) if (isLost(event.seq)) this.#drop(event);
    for (const seq of this.#changes.seqs) if (isLost(seq)) this.#removeChange(seq);
    for (const [seq, held] of this.#held) {
      if (isLost(held.baseUpTo)) {
        this.#held.set(seq, { ...held, baseUpTo: Math.max(from - 1, firstSeqOf(held.event)) });
      }
      this.#fold(seq);
    }
  }

  #isDurable({ seq, epoch }: RoomEvent): boolean {
    return this.#mark?.epoch === epoch && seq <= this.#mark.seq;
  }

  /** An event that was sent again through another process does not name the seq that it lost. */
  #seqOnPage(event: RoomEvent): number | undefined {
    const at = this.#ofPages.at(event);
    return at !== undefined && at.epoch < event.epoch ? at.seq : undefined;
  }

  /** An event, and if it is a message its state up to `upTo`. */
  #take(told: RoomEvent, state: MessageState, upTo: number): void {
    // It has come back under another seq already; a page or a frame that is older than that came late.
    if (this.#present.has(told.seq)) return;
    const before = this.#held.get(told.seq)?.event;
    const event = before?.epoch === told.epoch ? withLost(told, before.was ?? []) : told;
    const { was = [] } = event;
    const isKnown = this.#changes.get(event.seq)?.epoch === event.epoch;
    const lost = [...was, ...(isKnown ? [] : [event.seq])];
    const touched = lost.map((one) => this.#removeChange(one));
    if (event.kind === "message") {
      const held = { event, state, upTo, base: state, baseUpTo: Math.max(upTo, firstSeqOf(event)) };
      this.#hold(held);
    }
    if (!isKnown) this.#changes.add(event);
    if (this.#changes.get(event.seq) !== undefined) for (const one of was) this.#present.set(one, event.seq);
    for (const seq of touched) if (seq !== undefined) this.#fold(seq);
    this.#apply(event);
  }

  /** Of the states that are known of a message, under any seq that it had, the newest stays. */
  #hold(held: Held): void {
    const { seq, epoch, was = [] } = held.event;
    const known = this.#held.get(seq);
    let newest = known?.event.epoch === epoch && known.baseUpTo >= held.baseUpTo ? known : held;
    for (const lost of was) {
      const before = this.#held.get(lost);
      if (before === undefined) continue;
      if (before.baseUpTo > newest.baseUpTo) newest = { ...before, event: held.event };
      this.#drop(before.event);
    }
    this.#held.set(seq, newest);
    for (const lost of was) this.#present.set(lost, seq);
    this.#fold(seq);
  }

  #fold(seq: number): void {
    const held = this.#held.get(seq);
    if (held === undefined) return;
    let { base: state, baseUpTo: upTo } = held;
    for (const change of this.#changesOf(held)) {
      if (change.seq <= upTo) continue;
      state = applyChange(state, change);
      upTo = change.seq;
    }
    this.#held.set(seq, { ...held, state, upTo });
  }

  /** A change that is the newest of its message costs no fold. */
  #apply(event: RoomEvent): void {
    const target = this.#targetOf(event);
    const held = target === undefined ? undefined : this.#held.get(target);
    if (target === undefined || held === undefined) return;
    if (event.seq > held.upTo)
      this.#held.set(target, { ...held, state: applyChange(held.state, event), upTo: event.seq });
    else if (event.seq > held.baseUpTo) this.#fold(target);
  }

  /** At the bound of the changes the oldest become a part of the states that they are in. */
  #settle(): void {
    for (let oldest = this.#changes.surplus; oldest !== undefined; oldest = this.#changes.surplus) {
      const { seq } = oldest;
      const target = this.#targetOf(oldest);
      const held = target === undefined ? undefined : this.#held.get(target);
      const settled = held === undefined ? [oldest] : this.#changesOf(held).filter((change) => change.seq <= seq);
      if (target !== undefined && held !== undefined) {
        const base = settled.filter((change) => change.seq > held.baseUpTo).reduce(applyChange, held.base);
        this.#held.set(target, { ...held, base, baseUpTo: Math.max(held.baseUpTo, seq) });
      }
      for (const change of settled) this.#removeChange(change.seq);
    }
  }

  /** Returns the message that it was a change of. */
  #removeChange(seq: number): number | undefined {
    const change = this.#changes.get(seq);
    if (change === undefined) return undefined;
    this.#changes.remove(seq);
    if (!this.#held.has(seq)) this.#forgetLost(change);
    return this.#targetOf(change);
  }

  #drop(event: MessageEvent): void {
    this.#held.delete(event.seq);
    if (this.#changes.get(event.seq) === undefined) this.#forgetLost(event);
  }

  #forgetLost({ seq, was = [] }: RoomEvent): void {
    for (const lost of was) if (this.#present.get(lost) === seq) this.#present.delete(lost);
  }

  #changesOf({ event: { seq, was = [] } }: Held): readonly RoomEvent[] {
    return this.#changes.of([seq, ...was]);
  }

  /** The present seq of the message that an event changes, if it is held. */
  #targetOf(event: RoomEvent): number | undefined {
    const named = targetOf(event);
    const seq = named === undefined ? undefined : this.presentSeq(named);
    return seq !== undefined && this.#held.has(seq) ? seq : undefined;
  }
}

/** All changes of a message are behind it, and behind the seq that it had first: it may have been offered again behind them. */
function firstSeqOf({ seq, was = [] }: MessageEvent): number {
  return Math.min(seq, ...was);
}

/** Sent again through another process an event does not name the seq that it lost, and changes may. */
function withLost<Event extends RoomEvent>(event: Event, lost: readonly number[]): Event {
  const { was = [] } = event;
  const others = lost.filter((seq) => seq !== event.seq && !was.includes(seq));
  return others.length === 0 ? event : { ...event, was: [...was, ...others].sort((one, other) => one - other) };
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
