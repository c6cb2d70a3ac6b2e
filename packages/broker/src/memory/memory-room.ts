import { encodeEventHead, type RoomId } from "@hubbub/protocol";
import type { RoomHead, TailEvent } from "../broker.ts";

/** Events that the tail of a room keeps; what is not durable is kept in any case. */
const TAIL_EVENTS = 256;

/** Numbering and tail of one room. Up to `shown` everybody may see: to the newest, or only to the durable mark. */
export class MemoryRoom {
  readonly room: RoomId;
  epoch: number;
  /** The highest seq given out. */
  seq: number;
  shown: number;
  durable = 0;
  /** Up to here nothing of this numbering waits to be committed. */
  #settled: number;
  #tail: TailEvent[] = [];
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  constructor(room: RoomId, epoch: number, seq: number) {
    this.room = room;
    this.epoch = epoch;
    this.seq = seq;
    this.shown = seq;
    this.#settled = seq;
  }

  get head(): RoomHead {
    return { epoch: this.epoch, seq: this.shown, durable: this.durable };
  }

  get isSettled(): boolean {
    return this.seq === this.#settled;
  }

  /** A new numbering above the old; what the old one has not shown yet is still shown in its turn. */
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
    return frame;
  }

  /** Moves `shown` forward and answers what became visible. */
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
    const spare = this.#tail.length - TAIL_EVENTS;
    if (spare <= 0) return;
    const needed = this.#tail.findIndex(({ seq }) => seq > this.durable);
    this.#tail = this.#tail.slice(needed === -1 ? spare : Math.min(spare, needed));
  }

  tail(after: number, limit: number): readonly TailEvent[] {
    return this.#between(after, this.shown).slice(0, limit);
  }

  /** From the end, where almost every reader is. */
  #between(after: number, upTo: number): TailEvent[] {
    const behind = this.#tail.findLastIndex(({ seq }) => seq <= after);
    return this.#tail.slice(behind + 1).filter(({ seq }) => seq <= upTo);
  }
}
