/**
 * Decides when batches leave. Without load, a batch leaves at the end of the current turn of the event loop. Under load, the
 * batches of all shards leave together a little later, so that they share a call of Redis.
 */
export class BatchPace {
  readonly #gatherMs: () => number;
  /** At most one for each batcher. */
  #leaving: (() => void)[] = [];

  /** `gatherMs`: how long a batch may gather now; 0: until the end of the turn. */
  constructor(gatherMs: () => number) {
    this.#gatherMs = gatherMs;
  }

  get isHot(): boolean {
    return this.#gatherMs() > 0;
  }

  /** Runs `leave` once, soon. */
  schedule(leave: () => void): void {
    this.#leaving.push(leave);
    if (this.#leaving.length > 1) return;
    const ms = this.#gatherMs();
    if (ms > 0) setTimeout(() => this.#run(), ms);
    else setImmediate(() => this.#run());
  }

  #run(): void {
    for (const leave of this.#leaving.splice(0)) leave();
  }
}
