import type { Redis } from "ioredis";
import type { TailEvent } from "../roles/room-log.ts";
import { collect, type Entry, TAIL_ENTRY_EVENTS } from "./entries.ts";
import { linesOf } from "./lines.ts";

/** The events of a tail with seq > after, rising, at most `limit`. */
export async function readTail(redis: Redis, tail: string, after: number, limit: number): Promise<TailEvent[]> {
  return await collect<TailEvent>(limit, TAIL_ENTRY_EVENTS, async (last, count) => {
    const from = String((last?.seq ?? after) + 1);
    const entries = await redis.xrangeBuffer(tail, from, "+", "COUNT", count);
    return entries.map((entry) => eventsOf(entry).filter(({ seq }) => seq > after));
  });
}

/** An entry's id is the seq of its last event. */
function eventsOf([id, fields]: Entry<Buffer>): TailEvent[] {
  const last = Number.parseInt(id.toString(), 10);
  const frames = fields[1] === undefined ? [] : linesOf(fields[1]);
  return frames.map((frame, at) => ({ seq: last - frames.length + 1 + at, frame }));
}
