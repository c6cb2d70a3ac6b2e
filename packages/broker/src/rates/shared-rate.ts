import { KeyedLimiter } from "@hubbub/runtime";
import { SPENDING_WINDOW_SECONDS } from "../roles/spending.ts";

/** Upper bound of keys with an account. For further keys only the local rate counts. */
const KEYS_MAX = 50_000;
/** Share of a window's allowance from which a key is reported, so that most keys cost no call. */
const HOT_SHARE = 1 / 16;
const WINDOW_MS = SPENDING_WINDOW_SECONDS * 1_000;

interface Account {
  /** Spent since `since` (monotonic ms) and not reported yet. */
  spent: number;
  since: number;
  /** Monotonic ms until which the key has nothing left, in all processes together. */
  blockedUntil: number;
}

export interface Spent<Key> {
  readonly key: Key;
  readonly count: number;
}

/**
 * The rate of one key (a user, a room) over all processes, gateways and apis.
 *
 * A local bucket charges each publish. Keys with a high rate are reported, and Redis adds up the reports of all processes. A
 * key that has spent the allowance of a window waits for its end in every process. Beyond the allowance of a window each
 * process lets through at most what it has not reported: a sixteenth of the allowance (a quarter of a second's rate), the burst
 * of its bucket (one second's rate) and its rate between two reports. With N processes and answers within REPORT_MS that is
 * 1.75 N seconds' worth in a window of four seconds. A report that Redis does not accept is dropped: the local rates still hold.
 */
export class SharedRate<Key extends string> {
  /** The allowance of a key in a window. */
  readonly #worth: number;
  readonly #local: KeyedLimiter;
  readonly #accounts = new Map<Key, Account>();

  constructor(perSecond: number) {
    this.#worth = perSecond * SPENDING_WINDOW_SECONDS;
    this.#local = new KeyedLimiter(perSecond);
  }

  /**
   * 0, or the milliseconds after which the key may retry. `now`: monotonic ms. A cost above one is charged in advance: the next
   * publish waits for it.
   */
  take(key: Key, now: number, cost = 1): number {
    const account = this.#accountOf(key, now);
    if (account !== undefined && account.blockedUntil > now) return Math.ceil(account.blockedUntil - now);
    const waitMs = this.#local.take(key, now);
    if (waitMs > 0) return waitMs;
    if (cost > 1) this.#local.spend(key, cost - 1, now);
    if (account !== undefined) account.spent += cost;
    return 0;
  }

  /** What is to be reported. Accounts that need no report within a window are removed. */
  takeHot(now: number): Spent<Key>[] {
    const hot: Spent<Key>[] = [];
    for (const [key, account] of this.#accounts) {
      if (account.spent >= Math.max(1, this.#worth * HOT_SHARE)) {
        hot.push({ key, count: Math.ceil(account.spent) });
        account.spent = 0;
        account.since = now;
      } else if (now - account.since > WINDOW_MS && account.blockedUntil <= now) this.#accounts.delete(key);
    }
    return hot;
  }

  /** The sum of the key over all processes, in a window that ends at `until`. */
  reported(key: Key, sum: number, until: number): void {
    const account = this.#accounts.get(key);
    if (account !== undefined && sum >= this.#worth) account.blockedUntil = Math.max(account.blockedUntil, until);
  }

  #accountOf(key: Key, now: number): Account | undefined {
    const known = this.#accounts.get(key);
    if (known !== undefined || this.#accounts.size >= KEYS_MAX) return known;
    const account = { spent: 0, since: now, blockedUntil: 0 };
    this.#accounts.set(key, account);
    return account;
  }
}
