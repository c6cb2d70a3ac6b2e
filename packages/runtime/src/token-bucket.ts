/**
 * A rate per second, with a burst of one second's worth. Cheap enough for every frame: two numbers and no timer.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, now: number, burst: number = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one token: 0, or the milliseconds until there is one again. `now`: Unix or monotonic ms, rising. */
  take(now: number): number {
    this.#refill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }

  /** As `take`, and takes nothing. */
  waitMs(now: number): number {
    const tokens = this.#tokens + (Math.max(0, now - this.#at) * this.#perSecond) / 1000;
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / this.#perSecond);
  }

  /** Takes any number of tokens. The bucket may go below zero; `take` then waits until it is above again. */
  spend(cost: number, now: number): void {
    this.#refill(now);
    this.#tokens -= cost;
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000);
    this.#at = now;
  }

  /** Whether the bucket has filled up again: forgetting it then changes nothing. */
  isFull(now: number): boolean {
    return this.#tokens + ((now - this.#at) * this.#perSecond) / 1000 >= this.#burst;
  }
}
