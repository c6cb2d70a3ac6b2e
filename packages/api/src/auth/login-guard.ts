import { NamedRate } from "@hubbub/broker";
import { rateLimited, type UserId, usernameKey } from "@hubbub/protocol";
import { KeyedStates, type SecurityLog, siteOf } from "@hubbub/runtime";
import type { ApiSettings } from "../settings.ts";
import type { FailedLogins } from "./failed-logins.ts";
import type { Verdict } from "./passwords.ts";

const KEYS_MAX = 50_000;
const SECONDS_PER_MINUTE = 60;
/** The delay after the first failure beyond the free ones. It doubles with each further failure. */
const FIRST_DELAY_MS = 1_000;
const DELAY_MAX_MS = 300_000;
/** Failures are forgotten after this time without a new one. */
const FORGET_MS = 3_600_000;
/** Free failures of an IPv6 site, as a multiple of those of one network. */
const ADDRESSES_PER_SITE = 4;

interface Failures {
  readonly name: string;
  count: number;
  readonly free: number;
  lastAt: number;
  blockedUntil: number;
}

/** For whom failures are counted, its key, and its free failures. */
type Counted = [of: "account" | "address" | "site", key: string, free: number];

/** The owner of the tried name, and whether the owner is logged in from the address of the attempt. */
export interface Owner {
  readonly user: UserId | undefined;
  readonly isKnown: boolean;
}

/**
 * Bounds password guesses: by account and address in a minute, and by account, address and site with a growing delay
 * after each failure. The delays do not apply to an address from which the owner is logged in, so that an attacker
 * elsewhere cannot lock the owner out. Unknown names are treated like accounts. Per process.
 */
export class LoginGuard {
  readonly #pairs: NamedRate;
  readonly #settings: ApiSettings;
  readonly #securityLog: SecurityLog;
  readonly #failedLogins: Pick<FailedLogins, "note">;
  readonly #failures = new KeyedStates<Failures>({
    max: KEYS_MAX,
    create: (now) => ({ name: "", count: 0, free: 0, lastAt: now, blockedUntil: now }),
    isIdle: ({ count, lastAt }, now) => count === 0 || now - lastAt >= FORGET_MS,
  });

  constructor(settings: ApiSettings, securityLog: SecurityLog, failedLogins: Pick<FailedLogins, "note">) {
    this.#pairs = new NamedRate("account_logins", settings.LOGINS_PER_MINUTE_PER_ACCOUNT, SECONDS_PER_MINUTE);
    this.#settings = settings;
    this.#securityLog = securityLog;
    this.#failedLogins = failedLogins;
  }

  /**
   * Runs `verify` unless there were too many failures. An attempt counts as a failure from its start, so that
   * concurrent attempts count too. It is taken back when the password is right, or when `verify` throws and nothing was
   * guessed. `owner` is called only when it matters.
   * @throws ProtocolError rate_limited
   */
  async attempt<Result extends { readonly verdict: Verdict; readonly user?: { readonly id: UserId } | null }>(
    { username, address, user }: { username: string; address: string; user?: UserId },
    owner: () => Promise<Owner>,
    verify: () => Promise<Result>,
  ): Promise<Result> {
    const key = usernameKey(username);
    this.#pairs.take(`${address} ${key}`);
    const counters = this.#countersOf(key, address);
    if (longestDelay(counters) > 0) this.#refuseStranger(counters, address, await owner());
    for (const counter of counters) charge(counter);
    let isWrong = false;
    try {
      const result = await verify();
      isWrong = result.verdict === "wrong";
      if (isWrong) this.#failedLogins.note(user ?? result.user?.id, address);
      return result;
    } finally {
      if (!isWrong) for (const counter of counters) forgive(counter);
    }
  }

  #refuseStranger(counters: readonly Failures[], address: string, { user, isKnown }: Owner): void {
    if (isKnown) return;
    this.#securityLog({ event: "login_delayed", outcome: "refused", address, user, reason: "many failed logins" });
    refuseFor(counters);
  }

  #countersOf(key: string, address: string): Failures[] {
    const now = performance.now();
    const { LOGIN_FAILURES_FREE_PER_ACCOUNT: ofAccount, LOGIN_FAILURES_FREE_PER_ADDRESS: ofAddress } = this.#settings;
    const site = siteOf(address);
    const wanted: Counted[] = [
      ["account", key, ofAccount],
      ["address", address, ofAddress],
      ...(site === address ? [] : [["site", site, ofAddress * ADDRESSES_PER_SITE] satisfies Counted]),
    ];
    return wanted.map(([of, counted, free]) => {
      const counter = this.#failures.of(`${of} ${counted}`, now);
      if (now - counter.lastAt >= FORGET_MS) counter.count = 0;
      return Object.assign(counter, { free, name: `${of}_login_failures` });
    });
  }
}

function longestDelay(counters: readonly Failures[]): number {
  const now = performance.now();
  return Math.max(0, ...counters.map(({ blockedUntil }) => Math.ceil(blockedUntil - now)));
}

function charge(counter: Failures): void {
  const now = performance.now();
  counter.count += 1;
  counter.lastAt = now;
  const beyond = counter.count - counter.free;
  if (beyond >= 0) counter.blockedUntil = now + Math.min(FIRST_DELAY_MS * 2 ** Math.min(beyond, 20), DELAY_MAX_MS);
}

/** A success takes back its own charge, and not the failures of other attempts. */
function forgive(counter: Failures): void {
  counter.count = Math.max(0, counter.count - 1);
  if (counter.count < counter.free) counter.blockedUntil = 0;
}

/** For the counter with the longest delay. */
function refuseFor(counters: readonly Failures[]): void {
  const longest = [...counters].sort((a, b) => b.blockedUntil - a.blockedUntil)[0];
  const waitMs = longestDelay(counters);
  if (longest === undefined || waitMs <= 0) return;
  throw rateLimited({ name: longest.name, count: longest.free, seconds: FORGET_MS / 1_000 }, waitMs);
}
