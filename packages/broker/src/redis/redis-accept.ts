import { DEDUPE_WINDOW_MS, type RoomId } from "@hubbub/protocol";
import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import type { Link } from "./link.ts";
import { callAgain } from "./recovery/call-again.ts";
import "./scripts.ts";

export interface AcceptBounds {
  readonly backlogMaxEvents: number;
  readonly backlogMaxBytes: number;
  readonly tailEvents: number;
  readonly tailMaxBytes: number;
}

/** Upper bound of events per call. Lua's `unpack` takes less than 8,000 values, and each event needs two. */
const EVENTS_MAX = 2_000;

/**
 * Retries until Redis answers or `acceptTimeoutMs` has passed. A batch whose answer was lost is sent again unchanged: the
 * script recognises accepted events, and they keep their numbers. It is not sent to another run of Redis. That run may have
 * lost the dedupe while the store has the events, so the batch is `uninitialised` there.
 */
export function acceptBatch(link: Link, call: ScriptCall, acceptTimeoutMs: number): Promise<AcceptResult[]> {
  let askedRun: string | undefined;
  const ask = async (redis: Redis, run: string): Promise<AcceptResult[]> => {
    askedRun ??= run;
    if (askedRun !== run) return Array.from({ length: call.events }, () => ({ state: "uninitialised", head: 0 }));
    const answers = await redis.hubbubAccept(call.keys.length, [...call.keys, run, ...call.args]);
    return answers.split(" ").map(toResult);
  };
  return callAgain(link, ask, acceptTimeoutMs);
}

interface ScriptCall {
  readonly keys: readonly string[];
  /** Follow the run id. */
  readonly args: readonly string[];
  readonly events: number;
}

/** KEYS and ARGV as documented in accept.lua. */
export function acceptCall(
  keys: Keys,
  shard: number,
  batch: readonly AcceptRequest[],
  bounds: AcceptBounds,
): ScriptCall {
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
