import { type LimitInfo, type ProtocolError, rateLimited } from "@hubbub/protocol";
import { KeyedLimiter } from "@hubbub/runtime";

/** A rate by key, in this process, with its name: `count` at once, and `count` in `seconds` over time. */
export class NamedRate {
  readonly name: string;
  readonly info: LimitInfo;
  readonly #limiter: KeyedLimiter;

  /** `burst`: what may be taken at once, where that is not `count`. */
  constructor(name: string, count: number, seconds = 1, burst = count) {
    this.name = name;
    this.info = { count, seconds };
    this.#limiter = new KeyedLimiter(count / seconds, burst);
  }

  /** A cost above one is charged in advance. @throws ProtocolError rate_limited */
  take(key: string, cost = 1, now = performance.now()): void {
    const waitMs = this.#limiter.take(key, now);
    if (waitMs > 0) throw this.refusal(waitMs);
    if (cost > 1) this.#limiter.spend(key, cost - 1, now);
  }

  /** A user with a share of the rate (a guest) takes `weight` for one use. The refusal names the share. */
  takeShare(key: string, weight: number): void {
    const now = performance.now();
    const waitMs = this.#limiter.take(key, now);
    if (waitMs > 0) throw rateLimited({ name: this.name, ...shareOf(this.info, weight) }, waitMs);
    if (weight > 1) this.#limiter.spend(key, weight - 1, now);
  }

  /** As `take`, and takes nothing. @throws ProtocolError rate_limited */
  check(key: string): void {
    const waitMs = this.#limiter.waitMs(key);
    if (waitMs > 0) throw this.refusal(waitMs);
  }

  waitMs(key: string): number {
    return this.#limiter.waitMs(key);
  }

  /** As `take`, and returns the milliseconds to wait, or 0. */
  waitToTake(key: string, now = performance.now()): number {
    return this.#limiter.take(key, now);
  }

  /** Charges a cost that is known only afterwards. */
  spend(key: string, cost: number): void {
    this.#limiter.spend(key, cost);
  }

  refusal(waitMs: number): ProtocolError {
    return rateLimited({ name: this.name, ...this.info }, waitMs);
  }
}

/** What is left of a limit where each use counts as `weight`; at least one. */
export function shareOf({ count, seconds }: LimitInfo, weight: number): LimitInfo {
  return { count: Math.max(1, Math.floor(count / weight)), seconds };
}
