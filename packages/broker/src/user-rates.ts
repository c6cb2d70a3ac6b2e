import type { UserId } from "@hubbub/protocol";
import { integer, KeyedLimiter } from "@hubbub/runtime";
import { SPENDING_WINDOW_SECONDS, type Spending } from "./roles/spending.ts";

/** Users with an account here; of further ones only the local rate counts. */
const USERS_MAX = 50_000;
/** Users of one report. */
const REPORTED_MAX = 1_000;
/** Share of a window's worth from which it is reported: Redis hears of few users. */
const HOT_SHARE = 1 / 16;
const WINDOW_MS = SPENDING_WINDOW_SECONDS * 1_000;
/** For gateways and apis, which must have the same: messages, signals, joins and leaves of one user, over all of them. */
export const userRateSettings = { PUBLISHES_PER_SECOND_PER_USER: integer(1, 1_000_000, 100) };

/** How often a process reports. */
export const REPORT_MS = 250;
/** Each begun so many bytes of a text count as a publish. */
const BYTES_PER_PUBLISH = 1_024;
/** A UTF-16 unit has no more bytes than that. */
const UNIT_MAX_BYTES = 3;

/** As how many publishes a text counts: 1 for a short one. */
export function publishCost(text: string): number {
  if (text.length * UNIT_MAX_BYTES <= BYTES_PER_PUBLISH) return 1;
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_PUBLISH));
}

interface Account {
  /** Not reported yet, since then (monotonic ms). */
  spent: number;
  since: number;
  /** Monotonic ms until which the user has spent everything, over all gateways. */
  blockedUntil: number;
}

/**
 * The rate of one user, over all connections and all processes, gateways and apis.
 *
 * A bucket here takes each publish. What a user spends quickly is reported, and added up with what other processes
 * report; past the worth of a window the user waits for its end at each of them. So all processes together let a user
 * have the rate once, and what they have not reported: a sixteenth of a window's worth each, and what comes between two
 * reports. A report that Redis does not take is forgotten: the local rates hold.
 */
export class UserRates {
  /** What a user may spend in a window. */
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
   * 0, or the milliseconds after which the user may try again. `now`: monotonic ms. What costs more than one takes the rest
   * ahead of time: the next publish waits for it.
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

  /** Reports the users with a high rate, and learns which of them have to wait. @throws BrokerUnavailable */
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

  /** As `report`, one at a time. A report that the log does not take is forgotten. */
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

  /** What is not worth a report within a window is forgotten. */
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
