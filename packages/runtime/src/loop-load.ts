import { performance } from "node:perf_hooks";

/** Interval between two measurements. */
const WINDOW_MS = 100;
/** Weight of the newest window, so that a single busy one does not count as load. */
const NEWEST_SHARE = 0.5;
/** Timers have a resolution of 1 ms. A shorter wait is rounded to none. */
const TIMER_MIN_MS = 0.5;

export interface LoopLoadOptions {
  /** Percent of the time in which the event loop is busy. Up to this, nothing gathers. */
  readonly fromPercent: number;
  /** From this on, work gathers for as long as it may. */
  readonly fullPercent: number;
  /** For tests: as `performance.eventLoopUtilization`. */
  readonly measure?: typeof performance.eventLoopUtilization;
}

/**
 * Measures how busy the event loop is, and says for how long work may gather into a batch. Gathering costs latency and saves
 * CPU, so an idle loop gathers nothing. A machine that is busy with other processes looks like a busy loop. That is right:
 * then CPU is short as well.
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

  /** 0 to `maxMs`: grows with the square of the load between both bounds, so that light load waits little. `now`: monotonic ms. */
  gatherMs(maxMs: number, now: number): number {
    this.#measureIfDue(now);
    if (this.#share >= this.#full) return maxMs;
    if (this.#share <= this.#from) return 0;
    const ms = maxMs * ((this.#share - this.#from) / (this.#full - this.#from)) ** 2;
    return ms < TIMER_MIN_MS ? 0 : ms;
  }

  #measureIfDue(now: number): void {
    const elapsed = now - this.#measuredAt;
    if (elapsed < WINDOW_MS) return;
    const present = this.#measure();
    const { utilization } = this.#measure(present, this.#last);
    // After a longer pause, earlier measurements say nothing.
    const newest = elapsed < 2 * WINDOW_MS ? NEWEST_SHARE : 1;
    this.#share += (utilization - this.#share) * newest;
    this.#last = present;
    this.#measuredAt = now;
  }
}
