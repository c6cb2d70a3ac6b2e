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
  /** A join, leave, addition or removal: a durable event, charged like a message and to its room as well. */
  membership(user: string, room: string): void;
  /** One page of a list. Answers what charges its bytes to the user and the address once they are known. */
  page(user: string, address: string): (bytes: number) => void;
}

/** Every page costs at least so many bytes, for what finding it takes. */
const PAGE_MIN_BYTES = 16 * 1_024;
/** A client that opens many rooms at once reads so many seconds' worth of pages at once. */
const PAGE_BURST_SECONDS = 4;

const SECONDS_PER_MINUTE = 60;

export function createLimits(settings: ApiSettings): Limits {
  const requests = new KeyedLimiter(settings.REQUESTS_PER_SECOND_PER_ADDRESS);
  const signups = new KeyedLimiter(settings.SIGNUPS_PER_SECOND_PER_ADDRESS);
  const logins = perMinute(settings.LOGINS_PER_MINUTE_PER_ACCOUNT);
  const rooms = perMinute(settings.ROOMS_PER_MINUTE_PER_USER);
  const posts = new KeyedLimiter(settings.POSTS_PER_SECOND_PER_USER);
  const changes = new KeyedLimiter(settings.MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM);
  const pages = bytesPerSecond(settings.PAGE_BYTES_PER_SECOND_PER_USER);
  const addressPages = bytesPerSecond(settings.PAGE_BYTES_PER_SECOND_PER_ADDRESS);
  return {
    request: (address) => take(requests, address),
    signup: (address) => take(signups, address),
    login: (username, address) => take(logins, `${address} ${username.toLowerCase()}`),
    room: (user) => take(rooms, user),
    post: (user) => take(posts, user),
    membership(user, room) {
      take(posts, user);
      take(changes, room);
    },
    page(user, address) {
      take(pages, user);
      take(addressPages, address);
      return (bytes) => {
        const cost = Math.max(bytes, PAGE_MIN_BYTES);
        pages.spend(user, cost);
        addressPages.spend(address, cost);
      };
    },
  };
}

function perMinute(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_MINUTE, count);
}

function bytesPerSecond(count: number): KeyedLimiter {
  return new KeyedLimiter(count, count * PAGE_BURST_SECONDS);
}

function take(limiter: KeyedLimiter, key: string): void {
  const retryAfterMs = limiter.take(key);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", undefined, { retryAfterMs });
}
