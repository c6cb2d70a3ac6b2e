import type { EventId, RoomId, SessionId, UserId } from "@hubbub/protocol";
import { shardOf } from "./shard-of.ts";

export type Keys = ReturnType<typeof createKeys>;

/** Number and names as in accept.lua. */
const BUCKETS = [0, 1, 2, 3];
/** As in spend.lua. */
const WINDOWS = [0, 1, 2];

/**
 * All Redis keys and channels. Keys of a shard carry its hash tag `{sN}`: they share a slot of a Redis Cluster. Keys of
 * presence share a tag too.
 *
 * `name` is the prefix of every key. It must not contain braces: Redis would take them for the hash tag. From the first
 * `adopt` on, the generation of the cluster follows, so that keys of an earlier generation are not read by accident.
 */
export function createKeys(name: string, shards: number, generation = 0) {
  const prefix = generation === 0 ? name : `${name}:g${generation}`;
  if (/[{}]/.test(prefix)) throw new RangeError("a key prefix must not contain braces");
  const inShard = (shard: number, name: string) => `${prefix}{s${shard}}:${name}`;
  const ofRoom = (room: RoomId | UserId, name: string) => inShard(shardOf(room, shards), `${name}:${room}`);
  return {
    /** Stream that the writer of the shard reads. */
    log: (shard: number) => inShard(shard, "log"),
    /** Hash: counters of the log; see accept.lua. */
    counters: (shard: number) => inShard(shard, "counters"),
    /** Hash: epoch, seq, run and durable mark of a room. */
    head: (room: RoomId) => ofRoom(room, "head"),
    /** Stream: the recent events of a room, id = seq. */
    tail: (room: RoomId) => ofRoom(room, "tail"),
    /** Hashes by time slice, used in turn: the numbers of recent events by `dedupeKey`, so that a re-sent event is recognised. */
    dedupeBuckets: (shard: number): readonly string[] => BUCKETS.map((bucket) => inShard(shard, `once:${bucket}`)),
    /** The field of one event in its bucket. */
    dedupeKey: (room: RoomId, user: UserId, id: EventId) => `${room}:${user}:${id}`,
    /** Of a room, or of a user: no id is both. */
    channel: (of: RoomId | UserId) => ofRoom(of, "room"),
    control: `${prefix}control`,
    /** String: the highest generation that any process of the cluster has used. This key and the next are shared by all generations. */
    newestGeneration: `${name}generation`,
    /** String: generations, joined by commas, whose events `adopt` has not completely offered again. */
    generationsToOffer: `${name}generations-to-offer`,
    /** A channel of one subscriber, on which it receives its own probes. */
    probe: (subscriber: string) => `${prefix}probe:${subscriber}`,
    /** Sorted set: nodes by the time of their last renewal. */
    nodes: `${prefix}{presence}:nodes`,
    nodeInfo: (node: string) => `${prefix}{presence}:info:${node}`,
    /** Hash: users online at a node. */
    people: (node: string) => `${prefix}{presence}:people:${node}`,
    revoked: (session: SessionId) => `${prefix}revoked:${session}`,
    /** String: the holder of a turn. It expires with the turn. */
    turn: (name: string) => `${prefix}turn:${name}`,
    /** Hashes by time window, used in turn: what users have spent. */
    spending: WINDOWS.map((window): string => `${prefix}{spending}:${window}`),
  };
}
