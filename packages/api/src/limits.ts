import { ProtocolError } from "@hubbub/protocol";
import { KeyedLimiter, siteOf } from "@hubbub/runtime";
import type { ApiSettings } from "./settings.ts";

/** Each call takes one; @throws ProtocolError rate_limited. */
export interface Limits {
  request(address: string): void;
  /** By address in a second, and by address and IPv6 site in an hour. */
  signup(address: string): void;
  refresh(address: string): void;
  /** Changes of the own account. */
  account(user: string): void;
  room(user: string): void;
  post(user: string): void;
}

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
/** Networks of an IPv6 site together have so many times the bound of one. */
const ADDRESSES_PER_SITE = 4;

export function createLimits(settings: ApiSettings): Limits {
  const requests = new KeyedLimiter(settings.REQUESTS_PER_SECOND_PER_ADDRESS);
  const signups = new KeyedLimiter(settings.SIGNUPS_PER_SECOND_PER_ADDRESS);
  const hourly = perHour(settings.SIGNUPS_PER_HOUR_PER_ADDRESS);
  const hourlyOfSite = perHour(settings.SIGNUPS_PER_HOUR_PER_ADDRESS * ADDRESSES_PER_SITE);
  const refreshes = perMinute(settings.REFRESHES_PER_MINUTE_PER_ADDRESS);
  const accounts = perMinute(settings.ACCOUNT_CHANGES_PER_MINUTE_PER_USER);
  const rooms = perMinute(settings.ROOMS_PER_MINUTE_PER_USER);
  const posts = new KeyedLimiter(settings.POSTS_PER_SECOND_PER_USER);
  return {
    request: (address) => take(requests, address),
    signup(address) {
      take(signups, address);
      take(hourly, address);
      take(hourlyOfSite, siteOf(address));
    },
    refresh: (address) => take(refreshes, address),
    account: (user) => take(accounts, user),
    room: (user) => take(rooms, user),
    post: (user) => take(posts, user),
  };
}

function perMinute(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_MINUTE, count);
}

function perHour(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_HOUR, count);
}

function take(limiter: KeyedLimiter, key: string): void {
  const retryAfterMs = limiter.take(key);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", undefined, { retryAfterMs });
}
