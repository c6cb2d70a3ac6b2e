import { performance } from "node:perf_hooks";

/** How often the share is measured anew. */
const WINDOW_MS = 100;
/** Weight of the newest window: a single busy one is no load. */
const NEWEST_SHARE = 0.5;

export interface LoopLoadOptions {
  /** Percent of time in which the event loop does not wait: up to here nothing is held back … */
  readonly fromPercent: number;
  /** … and from here on everything as long as it may be. */
  readonly fullPercent: number;
  /** For tests: as `performance.eventLoopUtilization`. */
  readonly measure?: typeof performance.eventLoopUtilization;
}

/**
 * How busy the event loop is, and how long work may be held back to be done together with more of its kind. Holding back
 * costs latency and saves CPU: with time to spare nothing is held back. A machine that is busy with other processes looks
 * like a busy loop, which is right: then CPU is short as well.
 */
export class LoopLoad {
  readonly #from: number;
  readonly #full: number;
  readonly #measure: typeof performance.eventLoopUtilization;
  #last: ReturnType<typeof performance.eventLoopUtilization>;
  #measuredAt = performance.now();
  #share = 0;

  constructor({ fromPercent, fullPercent, measure = performance.eventLoopUtilization }: LoopLoadOptions) {
    this.#from = fromPercent / 100;
    this.#full = fullPercent / 100;
    this.#measure = measure;
    this.#last = measure();
  }

  /** Milliseconds, 0 to `maxMs`: with the square of the way between both bounds, so that light load waits little. `now`: monotonic ms. */
  holdBackMs(maxMs: number, now: number): number {
    this.#look(now);
    if (this.#share >= this.#full) return maxMs;
    if (this.#share <= this.#from) return 0;
    return maxMs * ((this.#share - this.#from) / (this.#full - this.#from)) ** 2;
  }

  #look(now: number): void {
    const elapsed = now - this.#measuredAt;
    if (elapsed < WINDOW_MS) return;
    const present = this.#measure();
    const { utilization } = this.#measure(present, this.#last);
    // After a longer pause what was before says nothing.
    const newest = elapsed < 2 * WINDOW_MS ? NEWEST_SHARE : 1;
    this.#share += (utilization - this.#share) * newest;
    this.#last = present;
    this.#measuredAt = now;
  }
}
