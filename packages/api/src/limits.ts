import { publishCost, REPORT_MS, type Spending, UserRates } from "@hubbub/broker";
import { ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { KeyedLimiter, siteOf } from "@hubbub/runtime";
import type { ApiSettings } from "./settings.ts";

/** Each call takes a token. All calls @throw ProtocolError rate_limited. */
export interface Limits {
  request(address: string): void;
  /** By address in a second, and by address and IPv6 site in an hour. */
  signup(address: string): void;
  refresh(address: string): void;
  /** Changes of the own account. */
  account(user: string): void;
  /** A ticket for a handshake. */
  ticket(user: string): void;
  room(user: string): void;
  upload(user: string): void;
  report(user: string): void;
  /** A message, from the rate that the user's WebSockets share. */
  post(user: UserId, text: string): void;
  /** A join, leave, addition or removal: a durable event, charged like ten messages. */
  membership(user: UserId): void;
  /**
   * The same for the room, charged only when the user may make the change: other users cannot use up the room's rate.
   */
  membershipOf(room: RoomId): void;
  /** An addition of another user to a room, charged besides `membership`. */
  addition(user: UserId): void;
  /**
   * One page of a list. Returns a function that charges the bytes of the page to user and address once they are known.
   */
  page(user: string, address: string): (bytes: number) => void;
  close(): void;
}

/** Cost of a join, leave, addition or removal in publishes: several statements, and an event. */
const MEMBERSHIP_COST = 10;
/** Minimum cost of a page in bytes, for the query. */
const PAGE_MIN_BYTES = 16 * 1_024;
/** Burst of pages in seconds of the rate, for a client that opens many rooms at once. */
const PAGE_BURST_SECONDS = 2;

/** Tickets of a user. Each ends after 30 seconds, so at most 90 are open. A reconnect takes one. */
const TICKETS_PER_MINUTE = 60;

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
/** Bound of an IPv6 site, as a multiple of the bound of one network. */
const ADDRESSES_PER_SITE = 4;

export function createLimits(settings: ApiSettings, spending: Spending): Limits {
  const requests = new KeyedLimiter(settings.REQUESTS_PER_SECOND_PER_ADDRESS);
  const signups = new KeyedLimiter(settings.SIGNUPS_PER_SECOND_PER_ADDRESS);
  const hourly = perHour(settings.SIGNUPS_PER_HOUR_PER_ADDRESS);
  const hourlyOfSite = perHour(settings.SIGNUPS_PER_HOUR_PER_ADDRESS * ADDRESSES_PER_SITE);
  const refreshes = perMinute(settings.REFRESHES_PER_MINUTE_PER_ADDRESS);
  const accounts = perMinute(settings.ACCOUNT_CHANGES_PER_MINUTE_PER_USER);
  const tickets = perMinute(TICKETS_PER_MINUTE);
  const rooms = perMinute(settings.ROOMS_PER_MINUTE_PER_USER);
  const reports = perHour(settings.REPORTS_PER_HOUR_PER_USER);
  const uploads = perMinute(settings.UPLOADS_PER_MINUTE_PER_USER);
  const posts = new UserRates(settings.PUBLISHES_PER_SECOND_PER_USER, spending);
  const additions = perHour(settings.ADDITIONS_PER_HOUR_PER_USER);
  const changes = new KeyedLimiter(settings.MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM);
  const pages = bytesPerSecond(settings.PAGE_BYTES_PER_SECOND_PER_USER);
  const addressPages = bytesPerSecond(settings.PAGE_BYTES_PER_SECOND_PER_ADDRESS);
  const post = (user: UserId, cost: number): void => refuseFor(posts.take(user, performance.now(), cost));
  const reporting = setInterval(() => posts.reportQuietly(), REPORT_MS).unref();
  return {
    request: (address) => take(requests, address),
    signup(address) {
      take(signups, address);
      take(hourly, address);
      take(hourlyOfSite, siteOf(address));
    },
    refresh: (address) => take(refreshes, address),
    account: (user) => take(accounts, user),
    ticket: (user) => take(tickets, user),
    room: (user) => take(rooms, user),
    upload: (user) => take(uploads, user),
    report: (user) => take(reports, user),
    post: (user, text) => post(user, publishCost(text)),
    membership: (user) => post(user, MEMBERSHIP_COST),
    membershipOf: (room) => take(changes, room),
    addition: (user) => take(additions, user),
    page(user, address) {
      take(pages, user);
      take(addressPages, address);
      return (bytes) => {
        const cost = Math.max(bytes, PAGE_MIN_BYTES);
        pages.spend(user, cost);
        addressPages.spend(address, cost);
      };
    },
    close: () => clearInterval(reporting),
  };
}

function perMinute(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_MINUTE, count);
}

function bytesPerSecond(count: number): KeyedLimiter {
  return new KeyedLimiter(count, count * PAGE_BURST_SECONDS);
}

function perHour(count: number): KeyedLimiter {
  return new KeyedLimiter(count / SECONDS_PER_HOUR, count);
}

function take(limiter: KeyedLimiter, key: string): void {
  refuseFor(limiter.take(key));
}

function refuseFor(retryAfterMs: number): void {
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", undefined, { retryAfterMs });
}
