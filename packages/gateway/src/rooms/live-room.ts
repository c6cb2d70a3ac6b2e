import type { RoomHead } from "@hubbub/broker";
import { encodeDurable, type GapFrame, isEventFrame, peekDurable, peekEventHead, type RoomId } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Flusher } from "../connections/flusher.ts";
import { encodeEpoch, encodeGap } from "../connections/frames.ts";
import type { Position, SubscribedRoom } from "../connections/subscription.ts";
import { gapReason, isRenumbered } from "./epochs.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import { HeldFrames } from "./held-frames.ts";
import { Ring } from "./ring.ts";
import type { RingBudget } from "./ring-budget.ts";

/** What a room needs of its gateway. */
export interface RoomOutlet {
  readonly flusher: Flusher;
  readonly budget: RingBudget;
  /** To every local connection with the topic. */
  publish(topic: string, frame: Buffer | string): void;
  /** A frame of this many bytes was published. A listener that fell behind may lose the topic now: it got all up to `room.published`. */
  published(room: LiveRoom, bytes: number): void;
  saw(room: RoomId, seq: number): void;
  /** Each seq is counted by one of these three, once: they add up to the accepted events. */
  eventDelivered(): void;
  eventRepaired(): void;
  gapAnnounced(reason: GapFrame["reason"], seqs: number): void;
  /** Events up to `room.wanted` exist that did not arrive. */
  holeFound(room: LiveRoom): void;
  /** The room goes on in another branch: its listeners are told, a connection in catch-up is not. */
  restarted(room: LiveRoom): void;
}

/**
 * One room as this gateway delivers it: the last delivered seq, and the recent frames. Events leave in the order of their
 * seq without a hole. An early event is held until the hole before it is repaired or announced.
 */
export class LiveRoom implements SubscribedRoom {
  readonly id: RoomId;
  readonly ring: Ring;
  /** Subscriptions that have or await the topic. */
  refs = 0;
  /** Connections that have the topic. */
  readonly listeners = new Set<Connection>();
  /** Monotonic ms from which a room without references may be closed. */
  lingerUntil = 0;
  isSubscribed = false;
  /** Resolves when the log has confirmed the subscription and the head is known. */
  opening: Promise<void> | null = null;
  closing: Promise<void> | null = null;
  /** Monotonic ms before which a failed repair is not tried again. */
  repairAfter = 0;
  isRepairing = false;
  /** Delivers: from the first head to the close. */
  isOpen = false;
  readonly #outlet: RoomOutlet;
  readonly #held = new HeldFrames();
  #epoch = 0;
  /** The newest epoch that listeners were told: lags behind `#epoch` until the start of that one is known. */
  #toldEpoch = 0;
  /** Epoch of the event `#last`. */
  #lastEpoch = 0;
  #last = 0;
  #wanted = 0;
  #durable = 0;
  #toldDurable = 0;
  readonly #gathered = new GatheredFrames();

  constructor(id: RoomId, outlet: RoomOutlet) {
    this.id = id;
    this.#outlet = outlet;
    this.ring = new Ring(outlet.budget);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get toldEpoch(): number {
    return this.#toldEpoch;
  }

  get last(): number {
    return this.#last;
  }

  get published(): number {
    const next = this.#gathered.find(isEventFrame);
    return next === undefined ? this.#last : peekEventHead(next).seq - 1;
  }

  /** The highest seq known to exist. */
  get wanted(): number {
    return this.#wanted;
  }

  get durable(): number {
    return this.#durable;
  }

  get mark(): number {
    return this.#durable <= this.#last ? this.#durable : this.#toldDurable;
  }

  /** Starts delivery after `head`. Deliveries that came before were held. */
  open(head: RoomHead, lastEpoch = head.epoch): void {
    this.#epoch = head.epoch;
    this.#toldEpoch = head.epoch;
    this.#lastEpoch = lastEpoch;
    this.#last = head.seq;
    this.#durable = Math.max(this.#durable, head.durable);
    this.ring.restart(head.seq);
    this.isOpen = true;
    this.settle();
  }

  close(): void {
    this.flush();
    this.isOpen = false;
    this.ring.restart(this.#last);
  }

  /** The hot path: an event in its order costs no allocation but its place in the ring. */
  deliver(frame: Buffer): void {
    if (!isEventFrame(frame)) {
      const mark = peekDurable(frame);
      if (mark === 0) this.#emit(frame);
      else this.#marked(mark);
      return;
    }
    const { epoch, seq } = peekEventHead(frame);
    const isNext = seq === this.#last + 1 && epoch === this.#epoch && this.#wanted <= this.#last;
    if (isNext && this.isOpen && !this.isRepairing) {
      this.#append(epoch, seq, frame);
      this.#outlet.eventDelivered();
    } else this.#hold(epoch, seq, frame);
  }

  /** Events up to `head` exist, whatever was delivered. */
  expect(head: RoomHead): void {
    this.#marked(head.durable);
    if (head.epoch < this.#epoch) return;
    this.#epoch = head.epoch;
    this.#wanted = Math.max(this.#wanted, head.seq);
    if (head.seq === this.#last) this.#tellEpoch(head.epoch, this.#last);
    this.settle();
  }

  /**
   * Switches to another branch of the room, whose head is in the log. Events above `from` are void. Listeners are told, and
   * get the events that follow `from` in this branch.
   */
  restart(from: Position, head: RoomHead): void {
    this.flush();
    this.#announceGap(Math.min(from.seq, this.#last) + 1, Math.max(from.seq, this.#last), "epoch");
    this.#outlet.publish(this.id, encodeEpoch(this.id, from.epoch, from.seq));
    this.#held.clear();
    this.#wanted = 0;
    const durable = Math.min(head.durable, from.seq);
    this.#durable = durable;
    this.#toldDurable = durable;
    this.open({ ...from, durable }, this.#lastEpoch);
    this.#outlet.restarted(this);
    this.expect(head);
  }

  /** Adds an event that delivery missed. */
  repair(frame: Buffer): void {
    const { epoch, seq } = peekEventHead(frame);
    if (seq <= this.#last) return;
    this.#append(epoch, seq, frame);
    this.#outlet.eventRepaired();
  }

  /**
   * Announces that the events up to `to` are lost, and goes on after them. `epoch`: of the event that follows, if there is
   * one.
   */
  skip(to: number, epoch: number = this.#held.epochOf(to + 1) ?? this.#epoch): void {
    if (to <= this.#last) return;
    this.#tellEpoch(epoch, to);
    this.flush();
    this.#announceGap(this.#last + 1, to, gapReason(this.#lastEpoch, epoch));
    this.#last = to;
    this.ring.restart(to);
    this.#tellDurable();
  }

  /** Delivers held events that are in order now, and has the others repaired. */
  settle(): void {
    if (!this.isOpen) return;
    for (let next = this.#held.take(this.#last + 1); next; next = this.#held.take(this.#last + 1)) {
      this.#append(next.epoch, this.#last + 1, next.frame);
      this.#outlet.eventDelivered();
    }
    if (this.#wanted > this.#last) this.#outlet.holeFound(this);
    else this.#held.clear();
  }

  /** The seq up to which a repair has to read. Held frames follow. */
  holeEnd(): number {
    return this.#held.firstBetween(this.#last, this.#wanted + 1) - 1;
  }

  flush(): void {
    for (let frame = this.#gathered.shift(); frame !== undefined; frame = this.#gathered.shift()) this.#publish(frame);
  }

  #publish(frame: Buffer | string): void {
    this.#outlet.publish(this.id, frame);
    this.#outlet.published(this, frame.length);
  }

  #hold(epoch: number, seq: number, frame: Buffer): void {
    if (this.isOpen && (seq <= this.#last || epoch < this.#epoch)) return;
    if (this.isOpen) this.#epoch = epoch;
    this.#held.hold(seq, epoch, frame);
    this.#wanted = Math.max(this.#wanted, seq);
    if (!this.isRepairing) this.settle();
  }

  /** Tells a new epoch before its first event, which is `head` + 1, and not before that is known. */
  #tellEpoch(epoch: number, head: number): void {
    if (epoch > this.#epoch) this.#epoch = epoch;
    if (epoch <= this.#toldEpoch) return;
    if (isRenumbered(this.#toldEpoch, epoch)) {
      this.flush();
      this.#outlet.publish(this.id, encodeEpoch(this.id, epoch, head));
    }
    this.#toldEpoch = epoch;
  }

  #announceGap(from: number, to: number, reason: GapFrame["reason"]): void {
    if (from > to) return;
    this.#outlet.publish(this.id, encodeGap(this.id, from, to, reason));
    this.#outlet.gapAnnounced(reason, to - from + 1);
  }

  #append(epoch: number, seq: number, frame: Buffer): void {
    if (seq !== this.#last + 1) this.skip(seq - 1, epoch);
    this.#tellEpoch(epoch, seq - 1);
    const now = performance.now();
    this.#last = seq;
    this.#lastEpoch = epoch;
    this.ring.push(frame, now);
    this.#outlet.saw(this.id, seq);
    this.#outlet.flusher.readLoad(now);
    this.#emit(frame);
    this.#tellDurable();
  }

  #marked(seq: number): void {
    this.#durable = Math.max(this.#durable, seq);
    this.#tellDurable();
  }

  /**
   * Tells a mark after all events that it covers. A mark that precedes the announcement of its epoch would call void numbers
   * durable.
   */
  #tellDurable(): void {
    if (this.#durable <= this.#toldDurable || this.#durable > this.#last) return;
    this.#toldDurable = this.#durable;
    this.#emit(encodeDurable(this.id, this.#durable));
  }

  /** Publishes at once or with the next flush, always after the frames gathered before. */
  #emit(frame: Buffer | string): void {
    const { flusher } = this.#outlet;
    if (!flusher.isHot && this.#gathered.isEmpty) {
      this.#publish(frame);
      return;
    }
    this.#gathered.add(frame);
    if (this.#gathered.isFull) this.flush();
    else flusher.addRoom(this);
  }
}
