import { EventRates, NamedRate, publishCost, REPORT_MS, type Spending } from "@hubbub/broker";
import type { PublicUser, RoomId } from "@hubbub/protocol";
import { siteOf } from "@hubbub/runtime";
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
  room(user: PublicUser): void;
  upload(user: PublicUser): void;
  report(user: PublicUser): void;
  /** A message, from the rate that the user's WebSockets share. */
  post(user: PublicUser, text: string): void;
  /** A message of an incoming hook, wrong secrets included. */
  hook(hook: string): void;
  /** A message or a change of one that the user may make, from the rates of its room and of the cluster. */
  event(room: RoomId): void;
  /** A join, leave, addition or removal: a durable event, charged like ten messages. */
  membership(user: PublicUser): void;
  /**
   * The same for the room, charged only when the user may make the change: other users cannot use up the room's rate.
   */
  membershipOf(room: RoomId): void;
  /** An addition of another user to a room, charged besides `membership`. */
  addition(user: PublicUser): void;
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

/** Messages of an incoming hook: one a second, and so many at once. */
const HOOK_BURST = 10;

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
/** Bound of an IPv6 site, as a multiple of the bound of one network. */
const ADDRESSES_PER_SITE = 4;

/** `onMembership`: called at each change of a membership. */
export function createLimits(settings: ApiSettings, spending: Spending, onMembership: () => void): Limits {
  const requests = new NamedRate("address_requests", settings.REQUESTS_PER_SECOND_PER_ADDRESS);
  const signups = new NamedRate("address_signups", settings.SIGNUPS_PER_SECOND_PER_ADDRESS);
  const hourly = perHour("address_signups_hourly", settings.SIGNUPS_PER_HOUR_PER_ADDRESS);
  const hourlyOfSite = perHour("site_signups_hourly", settings.SIGNUPS_PER_HOUR_PER_ADDRESS * ADDRESSES_PER_SITE);
  const refreshes = perMinute("address_refreshes", settings.REFRESHES_PER_MINUTE_PER_ADDRESS);
  const accounts = perMinute("user_account_changes", settings.ACCOUNT_CHANGES_PER_MINUTE_PER_USER);
  const tickets = perMinute("user_tickets", TICKETS_PER_MINUTE);
  const hooks = new NamedRate("hook_posts", 1, 1, HOOK_BURST);
  const changes = new NamedRate("room_membership_changes", settings.MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM);
  const events = new EventRates(settings, spending);
  const reporting = setInterval(() => events.reportQuietly(), REPORT_MS).unref();
  return {
    request: (address) => requests.take(address),
    signup(address) {
      signups.take(address);
      hourly.take(address);
      hourlyOfSite.take(siteOf(address));
    },
    refresh: (address) => refreshes.take(address),
    account: (user) => accounts.take(user),
    ticket: (user) => tickets.take(user),
    hook: (hook) => hooks.take(hook),
    event: (room) => events.chargeEvent(room),
    ...createUserLimits(settings, events),
    membershipOf(room) {
      onMembership();
      changes.take(room);
    },
    page: createPageLimit(settings),
    close: () => clearInterval(reporting),
  };
}

/** Limits of which guests have a share. */
function createUserLimits(settings: ApiSettings, events: EventRates) {
  const rooms = perMinute("user_rooms", settings.ROOMS_PER_MINUTE_PER_USER);
  const reports = perHour("user_reports", settings.REPORTS_PER_HOUR_PER_USER);
  const uploads = perMinute("user_uploads", settings.UPLOADS_PER_MINUTE_PER_USER);
  const additions = perHour("user_additions", settings.ADDITIONS_PER_HOUR_PER_USER);
  const take = (rate: NamedRate) => (user: PublicUser) => rate.takeShare(user.id, events.weightOf(user));
  const post = (user: PublicUser, cost: number): void => events.chargeUser(user, cost, performance.now());
  return {
    room: take(rooms),
    upload: take(uploads),
    report: take(reports),
    addition: take(additions),
    post: (user: PublicUser, text: string) => post(user, publishCost(text)),
    // A guest joins at the same cost: it is the first thing that a guest does.
    membership: (user: PublicUser) => post(user, MEMBERSHIP_COST / events.weightOf(user)),
  };
}

function createPageLimit(settings: ApiSettings): Limits["page"] {
  const pages = bytesPerSecond("user_page_bytes", settings.PAGE_BYTES_PER_SECOND_PER_USER);
  const addressPages = bytesPerSecond("address_page_bytes", settings.PAGE_BYTES_PER_SECOND_PER_ADDRESS);
  return (user, address) => {
    pages.take(user);
    addressPages.take(address);
    return (bytes) => {
      const cost = Math.max(bytes, PAGE_MIN_BYTES);
      pages.spend(user, cost);
      addressPages.spend(address, cost);
    };
  };
}

function perMinute(name: string, count: number): NamedRate {
  return new NamedRate(name, count, SECONDS_PER_MINUTE);
}

function bytesPerSecond(name: string, count: number): NamedRate {
  return new NamedRate(name, count, 1, count * PAGE_BURST_SECONDS);
}

function perHour(name: string, count: number): NamedRate {
  return new NamedRate(name, count, SECONDS_PER_HOUR);
}
