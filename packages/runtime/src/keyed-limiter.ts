import { TokenBucket } from "./token-bucket.ts";

/** Keys remembered at once. At the bound full buckets are forgotten, and if all are in use the oldest. */
const KEYS_MAX = 50_000;

/** One token bucket a key (an address, a user), in this process. */
export class KeyedLimiter {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(perSecond: number, burst: number = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** 0, or the milliseconds after which the key may try again. */
  take(key: string, now: number = performance.now()): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= KEYS_MAX) this.#forget(now);
      bucket = new TokenBucket(this.#perSecond, now, this.#burst);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(now);
  }

  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= KEYS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
