import { isGuestName, type LimitInfo, type PublicUser, type RoomId, rateLimited, type UserId } from "@hubbub/protocol";
import { integer } from "@hubbub/runtime";
import type { Spending } from "../roles/spending.ts";
import { isMuted, Mutes } from "./mutes.ts";
import { shareOf } from "./named-rate.ts";
import { SharedRate, type Spent } from "./shared-rate.ts";

/** Equal for gateways and apis: what is sent, in all processes together. */
export const eventRateSettings = {
  /** Messages, signals, joins and leaves of one user. */
  PUBLISHES_PER_SECOND_PER_USER: integer(1, 1_000_000, 100),
  /** The share that guests have of each limit of a user. */
  GUEST_LIMIT_PERCENT: integer(1, 100, 100),
  /** Messages and changes of messages of one room, and of all rooms together. 0: no limit. */
  PUBLISHES_PER_SECOND_PER_ROOM: integer(0, 1_000_000, 0),
  PUBLISHES_PER_SECOND_IN_CLUSTER: integer(0, 10_000_000, 0),
};
type Settings = Readonly<Record<keyof typeof eventRateSettings, number>>;

/** How often a process reports. */
export const REPORT_MS = 250;
/** Keys per call of `Spending.add`. */
const REPORTED_MAX = 1_000;
/** Every started block of this many bytes of a text counts as one publish. */
const BYTES_PER_PUBLISH = 1_024;
/** Upper bound of UTF-8 bytes per UTF-16 unit. */
const UNIT_MAX_BYTES = 3;
const CLUSTER = "cluster";

/** The number of publishes that a text counts as; 1 for a short one. */
export function publishCost(text: string): number {
  if (text.length * UNIT_MAX_BYTES <= BYTES_PER_PUBLISH) return 1;
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_PUBLISH));
}

/**
 * The rates of users, rooms and the cluster, over all processes: see `SharedRate`. A publish is charged in memory; all rates
 * together cost one call of Redis in REPORT_MS.
 */
export class EventRates {
  readonly #settings: Settings;
  readonly #spending: Spending;
  readonly #users: SharedRate<UserId>;
  readonly #mutes = new Mutes<UserId>();
  readonly #rooms: SharedRate<RoomId> | null;
  readonly #cluster: SharedRate<typeof CLUSTER> | null;
  #isReporting = false;

  constructor(settings: Settings, spending: Spending) {
    const { PUBLISHES_PER_SECOND_PER_ROOM: ofRoom, PUBLISHES_PER_SECOND_IN_CLUSTER: ofCluster } = settings;
    this.#settings = settings;
    this.#spending = spending;
    this.#users = new SharedRate(settings.PUBLISHES_PER_SECOND_PER_USER);
    this.#rooms = ofRoom === 0 ? null : new SharedRate(ofRoom);
    this.#cluster = ofCluster === 0 ? null : new SharedRate(ofCluster);
  }

  /** What one use of a limit of a user counts as: guests reach the limit earlier. */
  weightOf({ username }: Pick<PublicUser, "username">): number {
    return isGuestName(username) ? 100 / this.#settings.GUEST_LIMIT_PERCENT : 1;
  }

  /** A message, signal or change of membership that the user asks for. @throws ProtocolError rate_limited */
  chargeUser(user: PublicUser, cost: number, now: number): void {
    const waitMs = this.#mutes.waitMs(user.id, now) || this.#users.take(user.id, now, cost * this.weightOf(user));
    if (waitMs > 0) throw rateLimited({ name: "user_publishes", ...this.ofUser(user) }, waitMs);
  }

  /**
   * An event that the user may make, for only those who may can use up the rate of a room. What the cluster refuses has been
   * charged to the room. @throws ProtocolError rate_limited
   */
  chargeEvent(room: RoomId): void {
    if (this.#rooms === null && this.#cluster === null) return;
    const now = performance.now();
    const { PUBLISHES_PER_SECOND_PER_ROOM: ofRoom, PUBLISHES_PER_SECOND_IN_CLUSTER: ofCluster } = this.#settings;
    refuseFor("room_publishes", ofRoom, this.#rooms?.take(room, now) ?? 0);
    refuseFor("cluster_publishes", ofCluster, this.#cluster?.take(CLUSTER, now) ?? 0);
  }

  /** From the next report on, every process that reports the user gives them nothing. `until`: monotonic ms. */
  muteUntil(user: UserId, until: number): void {
    this.#mutes.muteUntil(user, until);
  }

  ofUser(user: PublicUser): LimitInfo {
    return shareOf({ count: this.#settings.PUBLISHES_PER_SECOND_PER_USER, seconds: 1 }, this.weightOf(user));
  }

  /** Reports what is hot, and blocks what has no allowance left. @throws BrokerUnavailable */
  async report(): Promise<void> {
    const now = performance.now();
    const hot = [...this.#ofUsers(now), ...hotOf("room:", this.#rooms, now), ...hotOf("", this.#cluster, now)];
    for (let at = 0; at < hot.length; at += REPORTED_MAX) {
      const some = hot.slice(at, at + REPORTED_MAX);
      const { leftMs, sums } = await this.#spending.add(some);
      const until = performance.now() + leftMs;
      for (const [index, { reported }] of some.entries()) reported(sums[index] ?? 0, until);
    }
  }

  #ofUsers(now: number): Report[] {
    const reported = (key: UserId) => (sum: number, until: number) =>
      isMuted(sum) ? this.#mutes.heard(key, until) : this.#users.reported(key, sum, until);
    const spent: Spent<UserId>[] = [...this.#users.takeHot(now), ...this.#mutes.reports(now)];
    return spent.map(({ key, count }) => ({ key, count, reported: reported(key) }));
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
}

interface Report extends Spent<string> {
  readonly reported: (sum: number, until: number) => void;
}

function hotOf<Key extends string>(prefix: string, rate: SharedRate<Key> | null, now: number): Report[] {
  if (rate === null) return [];
  return rate.takeHot(now).map(({ key, count }) => ({
    key: prefix + key,
    count,
    reported: (sum: number, until: number) => rate.reported(key, sum, until),
  }));
}

function refuseFor(name: string, count: number, waitMs: number): void {
  if (waitMs > 0) throw rateLimited({ name, count, seconds: 1 }, waitMs);
}
