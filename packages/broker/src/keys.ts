import type { EventId, RoomId, SessionId, UserId } from "@hubbub/protocol";
import { shardOf } from "./shard-of.ts";

/**
 * All Redis keys and channels. Keys of a shard carry its hash tag `{sN}`, so one script call stays in one slot of a Redis
 * Cluster. Keys of presence share a tag too.
 */
export interface Keys {
  /** Stream that the writer of the shard reads. */
  log(shard: number): string;
  /** Hash: counters of the log; see accept.lua. */
  counters(shard: number): string;
  /** Hash: epoch, seq, run and durable mark of a room. */
  head(room: RoomId): string;
  /** Stream: the recent events of a room, id = seq. */
  tail(room: RoomId): string;
  /** Hashes by time slice, used in turn: the numbers of recent events by `dedupeKey`, so that a re-sent event is recognised. */
  dedupeBuckets(shard: number): readonly string[];
  /** The field of one event in its bucket. */
  dedupeKey(room: RoomId, user: UserId, id: EventId): string;
  channel(room: RoomId): string;
  readonly control: string;
  /** String: the highest generation that any process of the cluster has used. This key and the next are shared by all generations. */
  readonly newestGeneration: string;
  /** String: generations, joined by commas, whose events `adopt` has not completely offered again. */
  readonly generationsToOffer: string;
  /** A channel of one subscriber, on which it receives its own probes. */
  probe(subscriber: string): string;
  /** Sorted set: nodes by the time of their last renewal. */
  readonly nodes: string;
  nodeInfo(node: string): string;
  /** Hash: users online at a node. */
  people(node: string): string;
  revoked(session: SessionId): string;
  /** Hashes by time window, used in turn: what users have spent. */
  readonly spending: readonly string[];
}

/** Number and names as in accept.lua. */
const BUCKETS = [0, 1, 2, 3];
/** As in spend.lua. */
const WINDOWS = [0, 1, 2];

/**
 * `name` is the prefix of every key. It must not contain braces: Redis would take them for the hash tag. From the first
 * `adopt` on, the generation of the cluster follows, so that keys of an earlier generation are not read by accident.
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
    dedupeBuckets: (shard) => BUCKETS.map((bucket) => inShard(shard, `once:${bucket}`)),
    dedupeKey: (room, user, id) => `${room}:${user}:${id}`,
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
