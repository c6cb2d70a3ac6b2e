/** With more events a second, batches gather: a call of the log costs as much as several events. */
const HOT_PER_SECOND = 2_000;
/** How long they gather then: the busier, the longer, 4 ms at that rate and the most from 7,500 a second on. */
const GATHER_MS_FOR_EACH_PER_SECOND = 0.002;
const GATHER_MAX_MS = 15;
const HEAT_WINDOW_MS = 100;

/**
 * When batches leave. With the current turn of the loop, as long as there is little to do; under load those of all shards
 * together every few milliseconds, for they share a connection, and one write and one wake-up of Redis serve them all.
 */
export class Pace {
  /** At most one for each lane. */
  #leaving: (() => void)[] = [];
  /** 0: batches leave at once. */
  #gatherMs = 0;
  #windowStart = 0;
  #windowEvents = 0;

  get isHot(): boolean {
    return this.#gatherMs > 0;
  }

  count(events: number): void {
    this.#windowEvents += events;
    const now = performance.now();
    const elapsed = now - this.#windowStart;
    if (elapsed < HEAT_WINDOW_MS) return;
    const perSecond = (this.#windowEvents * 1_000) / elapsed;
    const gatherMs = Math.min(perSecond * GATHER_MS_FOR_EACH_PER_SECOND, GATHER_MAX_MS);
    this.#gatherMs = perSecond > HOT_PER_SECOND ? gatherMs : 0;
    this.#windowEvents = 0;
    this.#windowStart = now;
  }

  /** Runs `leave` once, soon. */
  schedule(leave: () => void): void {
    this.#leaving.push(leave);
    if (this.#leaving.length > 1) return;
    if (this.isHot) setTimeout(() => this.#run(), this.#gatherMs);
    else setImmediate(() => this.#run());
  }

  #run(): void {
    for (const leave of this.#leaving.splice(0)) leave();
  }
}
