import type { RingBudget } from "./ring-budget.ts";

/** Most frames kept for one room, and their bytes. Older ones are dropped; the tail of the log has them. */
const FRAMES_MAX = 256;
const BYTES_MAX = 262_144;
/** What a room keeps when the budget of all rooms is spent: a number of frames, and a bound of their bytes. */
const FRAMES_MIN = 8;
const BYTES_MIN = 16_384;
/**
 * A frame may be a slice that keeps a whole network read alive, so a quiet room must not hold frames for long: the
 * memory behind all rings stays below what arrived within this time.
 */
const AGE_MAX_MS = 30_000;

/** The newest events of a room without a hole: those with seq in (floor, floor + length]. */
export class Ring {
  readonly #budget: RingBudget;
  #frames: Buffer[] = [];
  #times: number[] = [];
  #start = 0;
  #bytes = 0;
  #floor = 0;

  constructor(budget: RingBudget) {
    this.#budget = budget;
  }

  /** The seq before the first kept frame: a reader that has seen this much can be served from here. */
  get floor(): number {
    return this.#floor;
  }

  /** `frame`: the event that follows the last one. `now`: monotonic ms. */
  push(frame: Buffer, now: number): void {
    this.#frames.push(frame);
    this.#times.push(now);
    this.#grow(frame.length);
    const { isSpent } = this.#budget;
    const [most, mostBytes] = isSpent ? [FRAMES_MIN, BYTES_MIN] : [FRAMES_MAX, BYTES_MAX];
    while (this.#length > most || this.#bytes > mostBytes) this.#shift();
  }

  /** Drops all frames; the next one follows `floor`. */
  restart(floor: number): void {
    this.#grow(-this.#bytes);
    this.#frames = [];
    this.#times = [];
    this.#start = 0;
    this.#floor = floor;
  }

  /** The frames after `seq`, which is not below the floor, from the oldest, until they have `maxBytes`; at least one. */
  after(seq: number, maxBytes: number): readonly Buffer[] {
    const from = this.#start + seq - this.#floor;
    let to = from;
    for (let bytes = 0; to < this.#frames.length; to++) {
      bytes += this.#frames[to]?.length ?? 0;
      if (bytes > maxBytes && to > from) break;
    }
    return this.#frames.slice(from, to);
  }

  forgetOld(now: number): void {
    while (this.#length > 0 && (this.#times[this.#start] ?? now) < now - AGE_MAX_MS) this.#shift();
    if (this.#length === 0 && this.#start > 0) this.restart(this.#floor);
  }

  get #length(): number {
    return this.#frames.length - this.#start;
  }

  #shift(): void {
    this.#grow(-(this.#frames[this.#start]?.length ?? 0));
    this.#frames[this.#start] = NOTHING;
    this.#start += 1;
    this.#floor += 1;
    if (this.#start < FRAMES_MAX) return;
    this.#frames = this.#frames.slice(this.#start);
    this.#times = this.#times.slice(this.#start);
    this.#start = 0;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.add(bytes);
  }
}

const NOTHING = Buffer.alloc(0);
