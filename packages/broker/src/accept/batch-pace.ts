/** Timers have whole milliseconds: less than half of one is no wait. */
const TIMER_MIN_MS = 0.5;

/**
 * When batches leave. With the current turn of the loop, as long as there is time to spare; under load those of all shards
 * together a little later, for they share a connection, and one write and one wake-up of Redis serve them all.
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
