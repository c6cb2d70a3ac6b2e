/** Below what the server allows, so that its clock and the wire's bursts do not matter. */
const SHARE = 0.9;

/** How fast something may go: a burst of one second's worth, then the rate per second. Two numbers and no timer. */
export class Pace {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perMs = (perSecond * SHARE) / 1_000;
    this.#burst = Math.max(1, Math.floor(perSecond * SHARE));
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /** Milliseconds until one more may go; 0: now. `now`: monotonic ms. */
  waitMs(now: number): number {
    const elapsed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#perMs);
    this.#at = now;
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  /** One goes. Also when it must not wait: then the next ones wait longer. */
  take(): void {
    this.#tokens -= 1;
  }
}
