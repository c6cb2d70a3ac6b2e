import { EventRates, NamedRate, type Spending } from "@hubbub/broker";
import {
  type Limits,
  type ProtocolError,
  type PublicUser,
  type RoomId,
  rateLimited,
  type UserId,
} from "@hubbub/protocol";
import type { GatewaySettings } from "../config.ts";
import type { Connection } from "../connections/connection.ts";
import { type Level, Penalties } from "./penalties.ts";
import { toldLimits } from "./told-limits.ts";

/** Rooms of lists of one user, for a list is a single frame; and in a burst, for a client that comes back on a few devices. */
const LISTED_PER_SECOND = 500;
const LISTED_BURST = 5_000;
/** A user may send as many frames as this many connections may. */
const CONNECTIONS_PER_USER = 5;

interface Options {
  readonly settings: GatewaySettings;
  readonly spending: Spending;
  readonly onPenalty: (user: UserId, address: string, level: Level) => void;
}

/** The rates of a gateway. Each call charges memory only, and @throws ProtocolError rate_limited. */
export class GatewayLimits {
  /** Of users, rooms and the cluster. */
  readonly events: EventRates;
  readonly penalties: Penalties;
  readonly failedHellos: NamedRate;
  readonly pings: NamedRate;
  readonly frames: NamedRate;
  readonly #publishes: NamedRate;
  readonly #lists: NamedRate;
  readonly #settings: GatewaySettings;

  constructor({ settings, spending, onPenalty }: Options) {
    const framesPerSecond = settings.FRAMES_PER_SECOND;
    this.#settings = settings;
    this.events = new EventRates(settings, spending);
    this.penalties = new Penalties({ framesPerSecond, rates: this.events, onPenalty });
    this.failedHellos = new NamedRate("address_failed_hellos", settings.FAILED_HELLOS_PER_SECOND_PER_ADDRESS);
    this.pings = new NamedRate("address_pings", settings.PINGS_PER_SECOND_PER_ADDRESS);
    this.frames = new NamedRate("user_frames", framesPerSecond * CONNECTIONS_PER_USER);
    this.#publishes = new NamedRate("address_publishes", settings.PUBLISHES_PER_SECOND_PER_ADDRESS);
    this.#lists = new NamedRate("user_lists", LISTED_PER_SECOND, 1, LISTED_BURST);
  }

  /**
   * What reaches a whole room takes from the rates of its connection, its user and its address. A new connection brings a
   * new burst of its own, and none of its user or address. `cost`: as how many it counts for user and address.
   */
  chargePublish(connection: Connection, user: PublicUser, cost: number): void {
    const now = performance.now();
    const weight = this.penalties.weightOf(user.id, now);
    this.#chargeConnection(connection, now);
    this.#publishes.take(connection.address, cost, now);
    this.events.chargeUser(user, cost * weight, now);
  }

  /** A signature check costs more than any other frame, so a repeated hello counts as a publish of the connection. */
  chargeHello(connection: Connection): void {
    this.#chargeConnection(connection, performance.now());
  }

  /** An event that its sender may make. */
  chargeEvent(room: RoomId): void {
    this.events.chargeEvent(room);
  }

  chargeList({ id }: PublicUser, rooms: number): void {
    this.#lists.check(id);
    this.#lists.spend(id, rooms);
  }

  /** That of a frame: of its connection, else of its user. */
  frameRefusal({ frames }: Connection, waitMs: number): ProtocolError {
    if (frames.waitMs(performance.now()) === 0) return this.frames.refusal(waitMs);
    return rateLimited({ name: "connection_frames", count: this.#settings.FRAMES_PER_SECOND, seconds: 1 }, waitMs);
  }

  /** What a client is told at its hello. */
  told(user: PublicUser): Limits {
    const rates = [this.failedHellos, this.pings, this.frames, this.#publishes, this.#lists];
    const named = Object.fromEntries(rates.map(({ name, info }) => [name, info]));
    return toldLimits(this.#settings, {
      ...named,
      user_publishes: this.events.ofUser(user),
      user_refusals: this.penalties.info,
    });
  }

  #chargeConnection({ publishes }: Connection, now: number): void {
    const waitMs = publishes.take(now);
    const count = this.#settings.PUBLISHES_PER_SECOND;
    if (waitMs > 0) throw rateLimited({ name: "connection_publishes", count, seconds: 1 }, waitMs);
  }
}
