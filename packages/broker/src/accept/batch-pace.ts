/** Timers have a resolution of 1 ms. A shorter wait is rounded to none. */
const TIMER_MIN_MS = 0.5;

/**
 * Decides when batches leave. Without load, a batch leaves at the end of the current turn of the event loop. Under load, the
 * batches of all shards leave together a little later, so that they share a call of Redis.
 */
export class BatchPace {
  readonly #holdBackMs: () => number;
  /** At most one for each batcher. */
  #leaving: (() => void)[] = [];

  /** `holdBackMs`: how long a batch may gather now. */
  constructor(holdBackMs: () => number) {
    this.#holdBackMs = holdBackMs;
  }

  get isHot(): boolean {
    return this.#holdBackMs() >= TIMER_MIN_MS;
  }

  /** Runs `leave` once, soon. */
  schedule(leave: () => void): void {
    this.#leaving.push(leave);
    if (this.#leaving.length > 1) return;
    const ms = this.#holdBackMs();
    if (ms >= TIMER_MIN_MS) setTimeout(() => this.#run(), ms);
    else setImmediate(() => this.#run());
  }

  #run(): void {
    for (const leave of this.#leaving.splice(0)) leave();
  }
}
