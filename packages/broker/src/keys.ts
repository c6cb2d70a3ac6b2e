import type { EventId, RoomId, SessionId, UserId } from "@hubbub/protocol";
import { shardOf } from "./shard-of.ts";

/**
 * Every Redis key and channel there is. All of a shard carry its hash tag `{sN}`, so one script call stays in one slot
 * of a Redis Cluster; so do all of presence.
 */
export interface Keys {
  /** Stream: what the writer of the shard reads. */
  log(shard: number): string;
  /** Hash: counters of the log, see accept.lua. */
  counters(shard: number): string;
  /** Hash: epoch, seq, run and durable mark of a room. */
  head(room: RoomId): string;
  /** Stream: the recent events of a room, id = seq. */
  tail(room: RoomId): string;
  /** Hashes, by slices of time in turn: the numbers that events got, by `once`, for as long as re-sent ones are recognised. */
  slices(shard: number): readonly string[];
  /** The field in them of one event. */
  once(room: RoomId, user: UserId, id: EventId): string;
  channel(room: RoomId): string;
  readonly control: string;
  /** String: the highest generation of the cluster that any process has worked in. This and the next have no generation. */
  readonly newestGeneration: string;
  /** String: the generations, joined by commas, of whose logs an `adopt` is not done offering the events again. */
  readonly generationsToOffer: string;
  /** A channel of one subscriber, to hear its own voice. */
  probe(subscriber: string): string;
  /** Sorted set: nodes by their last sign of life. */
  readonly nodes: string;
  nodeInfo(node: string): string;
  /** Hash: users online at a node. */
  people(node: string): string;
  revoked(session: SessionId): string;
  /** Hashes, by windows of time in turn: what users have spent. */
  readonly spending: readonly string[];
}

/** As many as accept.lua says. */
const SLICES = [0, 1, 2, 3];
/** As spend.lua says. */
const WINDOWS = [0, 1, 2];

/**
 * `name` stands in front of every key and must hold no braces: they would be taken for the hash tag. Behind it comes the
 * generation of the cluster, from the first `adopt` on: what a former life left is not read by accident.
 */
export function createKeys(name: string, shards: number, generation = 0): Keys {
  const prefix = generation === 0 ? name : `${name}:g${generation}`;
  if (/[{}]/.test(prefix)) throw new RangeError("a key prefix must not contain braces");
  const inShard = (shard: number, name: string) => `${prefix}{s${shard}}:${name}`;
  const ofRoom = (room: RoomId, name: string) => inShard(shardOf(room, shards), `${name}:${room}`);
  return {
    log: (shard) => inShard(shard, "log"),
    counters: (shard) => inShard(shard, "counters"),
    head: (room) => ofRoom(room, "head"),
    tail: (room) => ofRoom(room, "tail"),
    slices: (shard) => SLICES.map((slice) => inShard(shard, `once:${slice}`)),
    once: (room, user, id) => `${room}:${user}:${id}`,
    channel: (room) => ofRoom(room, "room"),
    control: `${prefix}control`,
    newestGeneration: `${name}generation`,
    generationsToOffer: `${name}generations-to-offer`,
    probe: (subscriber) => `${prefix}probe:${subscriber}`,
    nodes: `${prefix}{presence}:nodes`,
    nodeInfo: (node) => `${prefix}{presence}:info:${node}`,
    people: (node) => `${prefix}{presence}:people:${node}`,
    revoked: (session) => `${prefix}revoked:${session}`,
    spending: WINDOWS.map((window) => `${prefix}{spending}:${window}`),
  };
}
