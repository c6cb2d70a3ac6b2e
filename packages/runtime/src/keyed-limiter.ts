import { KeyedStates } from "./keyed-states.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Keys with a bucket of their own; further ones share buckets. */
const KEYS_MAX = 50_000;

/** One token bucket a key (an address, a user), in this process. A bucket in use is never forgotten. */
export class KeyedLimiter {
  readonly #buckets: KeyedStates<TokenBucket>;

  constructor(perSecond: number, burst: number = perSecond) {
    this.#buckets = new KeyedStates({
      max: KEYS_MAX,
      create: (now) => new TokenBucket(perSecond, now, burst),
      isIdle: (bucket, now) => bucket.isFull(now),
    });
  }

  /** 0, or the milliseconds after which the key may try again. */
  take(key: string, now: number = performance.now()): number {
    return this.#buckets.of(key, now).take(now);
  }

  /** As `take`, and takes nothing. */
  waitMs(key: string, now: number = performance.now()): number {
    return this.#buckets.of(key, now).waitMs(now);
  }

  /** Charges a cost that is known only afterwards; the bucket may go below zero, and `take` waits until it is above again. */
  spend(key: string, cost: number, now: number = performance.now()): void {
    this.#buckets.of(key, now).spend(cost, now);
  }
}
