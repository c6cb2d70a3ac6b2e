/** Chunks of catch-ups that leave in one turn of the event loop. With 32 KiB each: a quarter of a MiB, about 2 ms. */
const CHUNKS_PER_TURN = 8;

/**
 * However many connections are caught up at once, they take turns: between two turns of the event loop only so many
 * chunks leave, so that a live connection waits for a few milliseconds and not for the whole crowd.
 */
export class Pace {
  #taken = 0;
  #isCounting = false;
  /** In their order; bounded by the rooms that are caught up. */
  readonly #waiting: (() => void)[] = [];

  /** Until one more chunk may leave. */
  turn(): Promise<void> {
    this.#count();
    if (this.#taken < CHUNKS_PER_TURN) {
      this.#taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#isCounting = false;
    const next = this.#waiting.splice(0, CHUNKS_PER_TURN);
    this.#taken = next.length;
    if (next.length > 0) this.#count();
    for (const resolve of next) resolve();
  }
}
