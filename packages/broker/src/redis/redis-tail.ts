import type { Redis } from "ioredis";
import type { TailEvent } from "../broker.ts";
import { linesOf } from "./lines.ts";

/** As accept.lua has it. */
const ENTRY_EVENTS_MAX = 16;

/** The events of a tail with seq > after, rising, at most `limit`. */
export async function readTail(redis: Redis, tail: string, after: number, limit: number): Promise<TailEvent[]> {
  const read: TailEvent[] = [];
  let position = after;
  let eventsPerEntry = ENTRY_EVENTS_MAX;
  for (let isMore = true; isMore && read.length < limit; ) {
    const asked = Math.ceil((limit - read.length) / eventsPerEntry);
    const entries = await redis.xrangeBuffer(tail, String(position + 1), "+", "COUNT", asked);
    const events = entries.flatMap(([id, fields]) => eventsOf(Number.parseInt(id.toString(), 10), fields));
    for (const event of events) if (event.seq > after) read.push(event);
    position = events.at(-1)?.seq ?? position;
    isMore = entries.length === asked;
    if (entries.length > 0) eventsPerEntry = events.length / entries.length;
  }
  return read.slice(0, limit);
}

/** `last`: the seq of the last one, which is the entry's id. */
function eventsOf(last: number, fields: readonly Buffer[]): TailEvent[] {
  const frames = fields[1] === undefined ? [] : linesOf(fields[1]);
  return frames.map((frame, at) => ({ seq: last - frames.length + 1 + at, frame }));
}
