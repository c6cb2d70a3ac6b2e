import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import type { BrokerLogger } from "../broker-logger.ts";
import { createKeys, type Keys } from "../keys.ts";
import type { Broker } from "../roles/broker.ts";
import type { BrokerListener, ControlMessage } from "../roles/deliveries.ts";
import type { AcceptRequest, AcceptResult, NumberedEvent, RoomHead, TailEvent } from "../roles/room-log.ts";
import type { DurableMark, ShardLog } from "../roles/shard-logs.ts";
import type { Spending } from "../roles/spending.ts";
import type { Turns } from "../roles/turns.ts";
import { shardOf } from "../shard-of.ts";
import { forgetTails } from "./forget-tails.ts";
import { connect, Link } from "./link.ts";
import { startOf } from "./recovery/lost-log.ts";
import { startProbe } from "./recovery/probe.ts";
import { remember } from "./recovery/remember.ts";
import { acceptBatch, acceptCall, createAcceptCalls } from "./redis-accept.ts";
import { readHeads } from "./redis-heads.ts";
import { RedisPresence } from "./redis-presence.ts";
import { RedisRevocations } from "./redis-revocations.ts";
import { LOG_ANSWER_TIMEOUT_MS, RedisShardLog } from "./redis-shard-log.ts";
import { createRedisSpending } from "./redis-spending.ts";
import { readTail } from "./redis-tail.ts";
import { createRedisTurns } from "./redis-turns.ts";
import { defineScripts } from "./scripts.ts";
import { Subscriber } from "./subscriber.ts";

export interface RedisBrokerOptions {
  readonly url: string;
  /** Prefix of every key and channel, without braces. */
  readonly prefix: string;
  readonly shards: number;
  /** Generation of the cluster, default 0; see `createKeys`. */
  readonly generation?: number;
  readonly log: BrokerLogger;
  /** Upper bound of events of a shard that are accepted and not yet committed; more are refused as `overloaded`. */
  readonly backlogMaxEvents: number;
  /** The same in bytes of their frames. */
  readonly backlogMaxBytes?: number;
  /** Minimum of events in the tail of a room, within `tailMaxBytes`. Events that are not durable are always kept. */
  readonly tailEvents?: number;
  /** Upper bound of bytes of durable frames in the tail of a room. */
  readonly tailMaxBytes?: number;
  /** How long the log keeps committed entries, for a Postgres that fails over to a lagging replica. */
  readonly replayWindowMs?: number;
  /** Upper bound of committed events kept per shard. */
  readonly replayMaxEvents?: number;
  /** The same in bytes of their frames. */
  readonly replayMaxBytes?: number;
  readonly acceptTimeoutMs?: number;
}

const MEBI = 1_048_576;
const DEFAULTS = {
  generation: 0,
  backlogMaxBytes: 128 * MEBI,
  tailEvents: 300,
  tailMaxBytes: MEBI / 4,
  replayWindowMs: 600_000,
  replayMaxEvents: 100_000,
  replayMaxBytes: 64 * MEBI,
  acceptTimeoutMs: 10_000,
};
/** A connection whose answer is overdue by this time is considered dead and replaced. */
const ANSWER_TIMEOUT_MS = 3_000;
/** How long a completely committed tail is kept. */
const COMMITTED_TAIL_SECONDS = 3_600;
/** More events of one room than Redis can lose: a second with `appendfsync everysec`, or the lag of a replica. */
export const EPOCH_JUMP = 1_000_000;

/** Connects in the background. Calls made meanwhile wait for the connection. */
export function createRedisBroker(options: RedisBrokerOptions): Broker {
  return new RedisBroker(options);
}

class RedisBroker implements Broker {
  readonly epochJump = EPOCH_JUMP;
  readonly isAcceptDurable = false;
  readonly shards: number;
  readonly presence: RedisPresence;
  readonly revocations: RedisRevocations;
  readonly spending: Spending;
  readonly turns: Turns;
  readonly #options: RedisBrokerOptions & typeof DEFAULTS;
  readonly #keys: Keys;
  readonly #link: Link;
  readonly #acceptCalls = createAcceptCalls();
  #subscriber: Subscriber | undefined;
  #probe: Disposable | undefined;

  constructor(options: RedisBrokerOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.shards = options.shards;
    this.#keys = createKeys(options.prefix, options.shards, this.#options.generation);
    this.#link = this.#open("commands", ANSWER_TIMEOUT_MS);
    this.presence = new RedisPresence(this.#link, this.#keys);
    this.revocations = new RedisRevocations(this.#link, this.#keys);
    this.spending = createRedisSpending(this.#link, this.#keys);
    this.turns = createRedisTurns(this.#link, this.#keys);
  }

  async accept(shard: number, batch: readonly AcceptRequest[]): Promise<readonly AcceptResult[]> {
    const call = acceptCall(this.#keys, shard, batch, this.#options);
    return await acceptBatch(this.#link, this.#acceptCalls, call, this.#options.acceptTimeoutMs);
  }

  async initialise(room: RoomId, start: { epoch: number; head: number; seen?: number | undefined }): Promise<RoomHead> {
    const numbers = [start.epoch, start.head, start.seen ?? 0].map(String);
    const counters = this.#keys.counters(shardOf(room, this.shards));
    const keys = [this.#keys.head(room), this.#keys.tail(room), counters];
    const head = await this.#link.call((redis, run) =>
      redis.hubbubInitialise(keys.length, [...keys, run, ...numbers, newId()]),
    );
    return { epoch: Number(head[0]), seq: Number(head[1]), durable: Number(head[2]) };
  }

  listen(listener: BrokerListener): void {
    if (this.#subscriber !== undefined) throw new Error("the broker has its listener");
    const redis = connect({ ...this.#options, name: "hubbub-subscriber", answerTimeoutMs: ANSWER_TIMEOUT_MS });
    const probeChannel = this.#keys.probe(newId());
    this.#subscriber = new Subscriber(redis, this.#keys, probeChannel, listener, this.#options.log);
    const send = () => this.#link.call((commands) => commands.publish(probeChannel, ""));
    this.#probe = startProbe(this.#subscriber, send, this.#options.log);
  }

  async subscribe(room: RoomId | UserId): Promise<void> {
    await this.#listening().subscribe(room);
  }

  async unsubscribe(room: RoomId | UserId): Promise<void> {
    await this.#listening().unsubscribe(room);
  }

  async tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]> {
    return await this.#link.call((redis) => readTail(redis, this.#keys.tail(room), after, limit));
  }

  async heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]> {
    if (rooms.length === 0) return [];
    return await this.#link.call((redis) => readHeads(redis, this.#keys, this.shards, rooms));
  }

  async remember(room: RoomId, events: readonly NumberedEvent[]): Promise<void> {
    await remember(this.#link, this.#keys, shardOf(room, this.shards), { room, events });
  }

  async logStart(shard: number): Promise<string> {
    return await this.#link.call((redis, run) => startOf(redis, run, this.#keys.counters(shard)));
  }

  async openLog(shard: number): Promise<ShardLog> {
    const reader = this.#open(`log-${shard}`, LOG_ANSWER_TIMEOUT_MS);
    return new RedisShardLog(reader, this.#link, this.#keys, { ...this.#options, shard });
  }

  async publishMarks(_shard: number, marks: readonly DurableMark[]): Promise<void> {
    if (marks.length === 0) return;
    const keys = marks.flatMap(({ room }) => [this.#keys.head(room), this.#keys.tail(room)]);
    const bounds = [COMMITTED_TAIL_SECONDS, this.#options.tailEvents].map(String);
    const told = marks.flatMap(({ room, seq }) => [room, this.#keys.channel(room), String(seq)]);
    await this.#link.call((redis) => redis.hubbubMarks(keys.length, [...keys, ...bounds, ...told]));
  }

  async forget(_shard: number, events: readonly (DurableMark & { stored: number })[]): Promise<readonly RoomId[]> {
    return await forgetTails(this.#link, this.#keys, events);
  }

  async publishSignal(room: RoomId | UserId, frame: string): Promise<void> {
    await this.#link.call((redis) => redis.publish(this.#keys.channel(room), frame));
  }

  async publishControl(message: ControlMessage): Promise<void> {
    await this.#link.call((redis) => redis.publish(this.#keys.control, JSON.stringify(message)));
  }

  get isDelivering(): boolean {
    return this.#subscriber?.isOnline !== false;
  }

  async ping(): Promise<void> {
    await this.#link.call((redis) => redis.ping());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#probe?.[Symbol.dispose]();
    this.#subscriber?.close();
    await this.#link[Symbol.asyncDispose]();
  }

  #listening(): Subscriber {
    if (this.#subscriber === undefined) throw new Error("listen before the first subscribe");
    return this.#subscriber;
  }

  #open(name: string, answerTimeoutMs: number): Link {
    const redis = connect({ ...this.#options, name: `hubbub-${name}`, answerTimeoutMs });
    defineScripts(redis);
    return new Link(redis, this.#options.log);
  }
}
