import type { UserId } from "@hubbub/protocol";
import { integer, KeyedLimiter } from "@hubbub/runtime";
import { SPENDING_WINDOW_SECONDS, type Spending } from "./roles/spending.ts";

/** Upper bound of users with an account. For further users only the local rate counts. */
const USERS_MAX = 50_000;
/** Users per call of `Spending.add`. */
const REPORTED_MAX = 1_000;
/** Share of a window's allowance from which a user is reported, so that most users cost no call. */
const HOT_SHARE = 1 / 16;
const WINDOW_MS = SPENDING_WINDOW_SECONDS * 1_000;
/** Equal for gateways and apis: messages, signals, joins and leaves of one user, in all processes together. */
export const userRateSettings = { PUBLISHES_PER_SECOND_PER_USER: integer(1, 1_000_000, 100) };

/** How often a process reports. */
export const REPORT_MS = 250;
/** Every started block of this many bytes of a text counts as one publish. */
const BYTES_PER_PUBLISH = 1_024;
/** Upper bound of UTF-8 bytes per UTF-16 unit. */
const UNIT_MAX_BYTES = 3;

/** The number of publishes that a text counts as; 1 for a short one. */
export function publishCost(text: string): number {
  if (text.length * UNIT_MAX_BYTES <= BYTES_PER_PUBLISH) return 1;
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_PUBLISH));
}

interface Account {
  /** Spent since `since` (monotonic ms) and not reported yet. */
  spent: number;
  since: number;
  /** Monotonic ms until which the user has nothing left, in all processes together. */
  blockedUntil: number;
}

/**
 * The rate of one user over all connections and all processes, gateways and apis.
 *
 * A local bucket charges each publish. Users with a high rate are reported, and Redis adds up the reports of all processes. A
 * user that has spent the allowance of a window waits for its end in every process. So all processes together grant the rate
 * once, plus what is not reported: a sixteenth of the allowance per process, and publishes between two reports. A report that
 * Redis does not accept is dropped: the local rates still hold.
 */
export class UserRates {
  /** The allowance of a user in a window. */
  readonly #worth: number;
  readonly #spending: Spending;
  readonly #local: KeyedLimiter;
  readonly #accounts = new Map<UserId, Account>();
  #isReporting = false;

  constructor(perSecond: number, spending: Spending) {
    this.#worth = perSecond * SPENDING_WINDOW_SECONDS;
    this.#spending = spending;
    this.#local = new KeyedLimiter(perSecond);
  }

  /**
   * 0, or the milliseconds after which the user may retry. `now`: monotonic ms. A cost above one is charged in advance: the next
   * publish waits for it.
   */
  take(user: UserId, now: number, cost = 1): number {
    const account = this.#accountOf(user, now);
    if (account !== undefined && account.blockedUntil > now) return Math.ceil(account.blockedUntil - now);
    const waitMs = this.#local.take(user, now);
    if (waitMs > 0) return waitMs;
    if (cost > 1) this.#local.spend(user, cost - 1, now);
    if (account !== undefined) account.spent += cost;
    return 0;
  }

  /** Reports the users with a high rate and blocks those without allowance. @throws BrokerUnavailable */
  async report(): Promise<void> {
    const hot = this.#takeHot(performance.now());
    for (let at = 0; at < hot.length; at += REPORTED_MAX) {
      const some = hot.slice(at, at + REPORTED_MAX);
      const { leftMs, sums } = await this.#spending.add(some);
      const until = performance.now() + leftMs;
      for (const [index, { user }] of some.entries()) {
        const account = this.#accounts.get(user);
        if (account !== undefined && (sums[index] ?? 0) >= this.#worth) account.blockedUntil = until;
      }
    }
  }

  /** As `report`, one at a time. A failed report is dropped. */
  reportQuietly(): void {
    if (this.#isReporting) return;
    this.#isReporting = true;
    void this.report()
      .catch(() => undefined)
      .finally(() => {
        this.#isReporting = false;
      });
  }

  #accountOf(user: UserId, now: number): Account | undefined {
    const known = this.#accounts.get(user);
    if (known !== undefined || this.#accounts.size >= USERS_MAX) return known;
    const account = { spent: 0, since: now, blockedUntil: 0 };
    this.#accounts.set(user, account);
    return account;
  }

  /** The users to report. Accounts that need no report within a window are removed. */
  #takeHot(now: number): { user: UserId; count: number }[] {
    const hot: { user: UserId; count: number }[] = [];
    for (const [user, account] of this.#accounts) {
      if (account.spent >= Math.max(1, this.#worth * HOT_SHARE)) {
        hot.push({ user, count: account.spent });
        account.spent = 0;
        account.since = now;
      } else if (now - account.since > WINDOW_MS && account.blockedUntil <= now) this.#accounts.delete(user);
    }
    return hot;
  }
}
