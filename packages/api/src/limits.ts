import { ProtocolError } from "@hubbub/protocol";
import { KeyedLimiter } from "@hubbub/runtime";
import type { ApiSettings } from "./settings.ts";

/** Each call takes one; @throws ProtocolError rate_limited. */
export interface Limits {
  request(address: string): void;
  signup(address: string): void;
  /** By account and address: nobody can lock another one's account from elsewhere. */
  login(username: string, address: string): void;
  room(user: string): void;
  post(user: string): void;
}

const SECONDS_PER_MINUTE = 60;

export function createLimits(settings: ApiSettings): Limits {
  const requests = new KeyedLimiter(settings.REQUESTS_PER_SECOND_PER_ADDRESS);
  const signups = new KeyedLimiter(settings.SIGNUPS_PER_SECOND_PER_ADDRESS);
  const logins = perMinute(settings.LOGINS_PER_MINUTE_PER_ACCOUNT);
  const rooms = perMinute(settings.ROOMS_PER_MINUTE_PER_USER);
  const posts = new KeyedLimiter(settings.POSTS_PER_SECOND_PER_USER);
  return {
    request: (address) => take(requests, address),
    signup: (address) => take(signups, address),
    login: (username, address) => take(logins, `${address} ${username.toLowerCase()}`),
    room: (user) => take(rooms, user),
    post: (user) => take(posts, user),
  };
}

function perMinute(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_MINUTE, count);
}

function take(limiter: KeyedLimiter, key: string): void {
  const retryAfterMs = limiter.take(key);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", undefined, { retryAfterMs });
}
