import { encodeEventHead, type RoomId } from "@hubbub/protocol";
import type { RoomHead, TailEvent } from "../roles/room-log.ts";

/** Upper bound of durable events in the tail of a room, within its bytes. Events that are not durable are always kept. */
const TAIL_EVENTS = 256;

/** Bytes of the tails of all rooms together. */
export interface TailBytes {
  bytes: number;
}

/** Numbering and tail of one room. Events up to `shown` are visible: up to the newest, or only up to the durable mark. */
export class MemoryRoom {
  readonly room: RoomId;
  epoch: number;
  /** The highest seq given to an event. */
  seq: number;
  shown: number;
  durable = 0;
  /** No event up to this seq waits for its commit. */
  #settled: number;
  #tail: TailEvent[] = [];
  #bytes = 0;
  readonly #tailMaxBytes: number;
  readonly #total: TailBytes;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  constructor(room: RoomId, { epoch, seq }: { epoch: number; seq: number }, tailMaxBytes: number, total: TailBytes) {
    this.room = room;
    this.epoch = epoch;
    this.seq = seq;
    this.#tailMaxBytes = tailMaxBytes;
    this.#total = total;
    this.shown = seq;
    this.#settled = seq;
  }

  get head(): RoomHead {
    return { epoch: this.epoch, seq: this.shown, durable: this.durable };
  }

  get isSettled(): boolean {
    return this.seq === this.#settled;
  }

  /** Starts a new numbering above the old one. Events of the old one that are not visible yet become visible later. */
  restart(epoch: number, seq: number): void {
    if (this.isSettled) this.#settled = seq;
    if (this.shown === this.seq) this.shown = seq;
    this.epoch = epoch;
    this.seq = seq;
  }

  take(body: string, at: number): Buffer {
    this.seq += 1;
    const frame = Buffer.from(encodeEventHead(this.room, this.epoch, this.seq, at) + body);
    this.#tail.push({ seq: this.seq, frame });
    this.#grow(frame.length);
    return frame;
  }

  /** Moves `shown` forward and returns the events that became visible. */
  show(upTo: number): readonly TailEvent[] {
    if (upTo <= this.shown) return [];
    const visible = this.#between(this.shown, upTo);
    this.shown = upTo;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ seq }) => seq > upTo);
    for (const { seq, resolve } of waiting) if (seq <= upTo) resolve();
    return visible;
  }

  /** Resolves when `seq` is shown. */
  async untilShown(seq: number): Promise<void> {
    if (seq <= this.shown) return;
    await new Promise<void>((resolve) => this.#waiting.push({ seq, resolve }));
  }

  commit(upTo: number): void {
    this.durable = Math.max(this.durable, upTo);
    this.#settled = Math.min(Math.max(this.#settled, upTo), this.seq);
    this.#keep(TAIL_EVENTS, this.#tailMaxBytes);
  }

  /** Drops the durable events of the tail up to `upTo`: the rows have them. */
  dropTail(upTo = Number.POSITIVE_INFINITY): void {
    const kept = this.#tail.findIndex(({ seq }) => seq > Math.min(upTo, this.durable));
    this.#drop(kept < 0 ? this.#tail.length : kept);
  }

  #keep(events: number, bytes: number): void {
    let spare = 0;
    let left = this.#bytes;
    for (const { seq, frame } of this.#tail) {
      if (seq > this.durable || (this.#tail.length - spare <= events && left <= bytes)) break;
      left -= frame.length;
      spare += 1;
    }
    this.#drop(spare);
  }

  #drop(spare: number): void {
    if (spare === 0) return;
    for (const { frame } of this.#tail.slice(0, spare)) this.#grow(-frame.length);
    this.#tail = this.#tail.slice(spare);
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#total.bytes += bytes;
  }

  tail(after: number, limit: number): readonly TailEvent[] {
    return this.#between(after, this.shown).slice(0, limit);
  }

  /** Searches from the end, where almost every reader is. */
  #between(after: number, upTo: number): TailEvent[] {
    const behind = this.#tail.findLastIndex(({ seq }) => seq <= after);
    return this.#tail.slice(behind + 1).filter(({ seq }) => seq <= upTo);
  }
}
