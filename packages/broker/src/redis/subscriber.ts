import { ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { Redis } from "ioredis";
import type { BrokerLogger } from "../broker-logger.ts";
import type { Keys } from "../keys.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { BrokerListener, ControlMessage } from "../roles/deliveries.ts";
import { linesOf } from "./lines.ts";
import { retryRound } from "./recovery/retry-round.ts";

/** Rooms and users that one process may be subscribed to; one more is refused with `overloaded`. */
const ROOMS_MAX = 100_000;
/** Channels per SUBSCRIBE or UNSUBSCRIBE; the rest follows in the next one. */
const CHANNELS_PER_COMMAND = 1_000;
/** A subscription that Redis does not confirm within this time fails with `BrokerUnavailable`. */
const CONFIRM_TIMEOUT_MS = 5_000;

interface Subscription {
  readonly room: RoomId | UserId;
  readonly channel: string;
  refs: number;
  /** Redis has confirmed it, and no unsubscribe was sent since. */
  confirmed: boolean;
  waiting: (() => void)[];
}

/**
 * The connection on which deliveries arrive.
 *
 * Rounds reconcile the wanted subscriptions (`refs`) with the confirmed ones, one round at a time. A round sends one SUBSCRIBE
 * and one UNSUBSCRIBE for the rooms that differ. So commands of a room never overtake each other, and a storm of joins costs a
 * few commands. After a lost connection all wanted rooms are subscribed again before `interrupted` is called.
 */
export class Subscriber {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #probeChannel: string;
  readonly #log: BrokerLogger;
  readonly #listener: BrokerListener;
  /** By channel; bounded by `ROOMS_MAX`. */
  readonly #rooms = new Map<string, Subscription>();
  readonly #differing = new Set<Subscription>();
  #isConnected = false;
  /** All wanted rooms are subscribed on this connection. */
  #online = false;
  #wasOnline = false;
  #roundRuns = false;
  #heardAt = performance.now();

  constructor(redis: Redis, keys: Keys, probeChannel: string, listener: BrokerListener, log: BrokerLogger) {
    this.#probeChannel = probeChannel;
    this.#redis = redis;
    this.#keys = keys;
    this.#log = log;
    this.#listener = listener;
    redis.on("ready", () => {
      this.#isConnected = true;
      this.#startRound();
    });
    redis.on("close", () => this.#lost());
    redis.on("messageBuffer", (channel: Buffer, frame: Buffer) => this.#receive(channel.toString(), frame));
  }

  /** All wanted rooms were confirmed on this connection. */
  get isOnline(): boolean {
    return this.#online;
  }

  /** `performance.now()` of the last delivery or echo. */
  get heardAt(): number {
    return this.#heardAt;
  }

  async subscribe(room: RoomId | UserId): Promise<void> {
    const subscription = this.#subscriptionOf(room);
    subscription.refs += 1;
    if (subscription.confirmed) return;
    this.#differs(subscription);
    if (await this.#agreed(subscription)) return;
    subscription.refs -= 1;
    this.#differs(subscription);
    throw new BrokerUnavailable("the log did not confirm a subscription");
  }

  async unsubscribe(room: RoomId | UserId): Promise<void> {
    const subscription = this.#rooms.get(this.#keys.channel(room));
    if (subscription === undefined || subscription.refs === 0)
      throw new Error("unsubscribed more often than subscribed");
    subscription.refs -= 1;
    if (subscription.refs > 0) return;
    this.#differs(subscription);
    await this.#agreed(subscription);
  }

  /** Replaces a connection that is open but receives nothing. */
  restart(): void {
    this.#lost();
    this.#redis.disconnect(true);
  }

  close(): void {
    this.#redis.disconnect();
  }

  #subscriptionOf(room: RoomId | UserId): Subscription {
    const channel = this.#keys.channel(room);
    const known = this.#rooms.get(channel);
    if (known !== undefined) return known;
    if (this.#rooms.size >= ROOMS_MAX) throw new ProtocolError("overloaded", "this process serves too many rooms");
    const subscription: Subscription = { room, channel, refs: 0, confirmed: false, waiting: [] };
    this.#rooms.set(channel, subscription);
    return subscription;
  }

  #differs(subscription: Subscription): void {
    this.#differing.add(subscription);
    this.#startRound();
  }

  /** false: not within `CONFIRM_TIMEOUT_MS`. */
  #agreed(subscription: Subscription): Promise<boolean> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        subscription.waiting = subscription.waiting.filter((waiting) => waiting !== done);
        resolve(false);
      }, CONFIRM_TIMEOUT_MS);
      subscription.waiting.push(done);
    });
  }

  #startRound(): void {
    if (this.#roundRuns || !this.#isConnected || (this.#online && this.#differing.size === 0)) return;
    this.#roundRuns = true;
    queueMicrotask(() => {
      const round = this.#online
        ? this.#reconcile([...this.#differing].slice(0, CHANNELS_PER_COMMAND))
        : this.#restore();
      round.then(
        () => this.#endRound(),
        (error) => (this.#isConnected ? retryRound(error, this, this.#log, () => this.#endRound()) : this.#endRound()),
      );
    });
  }

  #endRound(): void {
    this.#roundRuns = false;
    this.#startRound();
  }

  async #reconcile(some: readonly Subscription[]): Promise<void> {
    const joining = some.filter(({ refs, confirmed }) => refs > 0 && !confirmed);
    const leaving = some.filter(({ refs, confirmed }) => refs === 0 && confirmed);
    for (const subscription of leaving) subscription.confirmed = false;
    const [joined, left] = await Promise.allSettled([
      joining.length > 0 && this.#redis.subscribe(...joining.map(({ channel }) => channel)),
      leaving.length > 0 && this.#redis.unsubscribe(...leaving.map(({ channel }) => channel)),
    ]);
    for (const subscription of joining) subscription.confirmed = this.#isConnected && joined.status === "fulfilled";
    // Rooms that Redis refuses to let go stay subscribed.
    for (const subscription of leaving) subscription.confirmed = this.#isConnected && left.status === "rejected";
    for (const subscription of some) this.#settle(subscription);
    for (const result of [joined, left]) if (result.status === "rejected") throw result.reason;
  }

  #settle(subscription: Subscription): void {
    const { refs, confirmed, channel } = subscription;
    if (confirmed !== refs > 0) {
      this.#differing.add(subscription);
      return;
    }
    // A room left during an outage and joined again may have a new subscription.
    if (refs === 0 && this.#rooms.get(channel) === subscription) this.#rooms.delete(channel);
    this.#differing.delete(subscription);
    for (const done of subscription.waiting.splice(0)) done();
  }

  /** The first round of a connection. */
  async #restore(): Promise<void> {
    await this.#redis.subscribe(this.#keys.control, this.#probeChannel);
    const lost = [...this.#rooms.values()];
    for (let at = 0; at < lost.length; at += CHANNELS_PER_COMMAND) {
      await this.#reconcile(lost.slice(at, at + CHANNELS_PER_COMMAND));
    }
    this.#heardAt = performance.now();
    this.#online = true;
    if (this.#wasOnline) this.#listener.interrupted();
    this.#wasOnline = true;
  }

  #lost(): void {
    this.#isConnected = false;
    this.#online = false;
    for (const subscription of [...this.#rooms.values()]) {
      subscription.confirmed = false;
      this.#settle(subscription);
    }
  }

  #receive(channel: string, frame: Buffer): void {
    this.#heardAt = performance.now();
    const subscription = this.#rooms.get(channel);
    if (subscription !== undefined) {
      if (subscription.refs === 0) return;
      for (const one of linesOf(frame)) this.#listener.deliver(subscription.room, one);
    } else if (channel === this.#keys.control) {
      this.#listener.control(JSON.parse(frame.toString()) as ControlMessage);
    }
  }
}
