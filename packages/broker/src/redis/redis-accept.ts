import { DEDUPE_WINDOW_MS, type RoomId } from "@hubbub/protocol";
import DataLoader from "dataloader";
import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import type { Link } from "./link.ts";
import { callAgain } from "./recovery/call-again.ts";

interface AcceptBounds {
  readonly backlogMaxEvents: number;
  readonly backlogMaxBytes: number;
  readonly tailEvents: number;
  readonly tailMaxBytes: number;
}

/** Upper bound of events per batch. Lua's `unpack` takes less than 8,000 values, and each event needs two. */
const EVENTS_MAX = 2_000;
/** Batches in one call, and characters of a batch that shares one: both bound how long a call keeps others from Redis. */
const SHARING_BATCHES_MAX = 32;
const SHARING_CHARS_MAX = 16_384;

/** A batch of one shard, for accept.lua. */
interface AcceptCall {
  readonly keys: readonly string[];
  /** Follow the run id. */
  readonly args: readonly string[];
  readonly events: number;
}

type SentCall = AcceptCall & { readonly redis: Redis; readonly run: string };

/** The batches of one turn of the event loop share a call of Redis, which costs as much as several events. */
export type AcceptCalls = DataLoader<SentCall, string>;

export function createAcceptCalls(): AcceptCalls {
  return new DataLoader(send, { cache: false, maxBatchSize: SHARING_BATCHES_MAX, batchScheduleFn: queueMicrotask });
}

async function send(calls: readonly SentCall[]): Promise<(string | Error)[]> {
  const keys = calls.flatMap((call) => call.keys);
  const args = calls.flatMap(({ keys, run, args }) => [String(keys.length), String(args.length + 1), run, ...args]);
  return (await calls[0]?.redis.hubbubAccept(keys.length, [...keys, ...args])) ?? [];
}

/**
 * Retries until Redis answers or `acceptTimeoutMs` has passed. A batch whose answer was lost is sent again unchanged: the
 * script recognises accepted events, and they keep their numbers. It is not sent to another run of Redis. That run may have
 * lost the dedupe while the store has the events, so the batch is `uninitialised` there.
 */
export function acceptBatch(
  link: Link,
  calls: AcceptCalls,
  call: AcceptCall,
  acceptTimeoutMs: number,
): Promise<AcceptResult[]> {
  const isLarge = call.args.reduce((chars, arg) => chars + arg.length, 0) > SHARING_CHARS_MAX;
  let askedRun: string | undefined;
  const ask = async (redis: Redis, run: string): Promise<AcceptResult[]> => {
    askedRun ??= run;
    if (askedRun !== run) return Array.from({ length: call.events }, () => ({ state: "uninitialised", head: 0 }));
    const loader = link.isCluster || isLarge ? createAcceptCalls() : calls;
    return (await loader.load({ ...call, redis, run })).split(" ").map(toResult);
  };
  return callAgain(link, ask, acceptTimeoutMs);
}

/** KEYS and ARGV as documented in accept.lua. */
export function acceptCall(
  keys: Keys,
  shard: number,
  batch: readonly AcceptRequest[],
  bounds: AcceptBounds,
): AcceptCall {
  if (batch.length > EVENTS_MAX) throw new RangeError(`a batch has at most ${EVENTS_MAX} events`);
  const rooms = new Map<RoomId, { index: number; seen: number; epoch: number }>();
  const events: string[] = [];
  for (const { room, user, id, body, seen, epoch = 0 } of batch) {
    if (body.includes("\n")) throw new TypeError("event body must not contain a newline");
    const known = rooms.get(room) ?? { index: rooms.size + 1, seen: 0, epoch };
    known.seen = Math.max(known.seen, seen);
    rooms.set(room, known);
    events.push(String(known.index), keys.dedupeKey(room, user, id), body);
  }
  const roomKeys: string[] = [];
  const roomArgs: string[] = [];
  for (const [room, { seen, epoch }] of rooms) {
    roomKeys.push(keys.head(room), keys.tail(room));
    roomArgs.push(room, keys.channel(room), String(seen), String(epoch));
  }
  const { backlogMaxEvents, backlogMaxBytes, tailEvents, tailMaxBytes } = bounds;
  const limits = [backlogMaxEvents, backlogMaxBytes, tailEvents, tailMaxBytes, DEDUPE_WINDOW_MS / 1_000, rooms.size];
  return {
    keys: [keys.log(shard), keys.counters(shard), ...keys.dedupeBuckets(shard), ...roomKeys],
    args: [...limits.map(String), ...roomArgs, ...events],
    events: batch.length,
  };
}

function toResult(answer: string): AcceptResult {
  const [state, first, second, third] = answer.split(":");
  switch (state) {
    case "a":
      return { state: "accepted", epoch: Number(first), seq: Number(second), at: Number(third) };
    case "d":
      return { state: "duplicate", epoch: Number(first), seq: Number(second), at: Number(third) };
    case "u":
      return { state: "uninitialised", head: Number(first) };
    case "r":
      return { state: "restarted", epoch: Number(first) };
    case "o":
      return { state: "overloaded" };
    default:
      throw new Error(`accept.lua answered ${answer}`);
  }
}
