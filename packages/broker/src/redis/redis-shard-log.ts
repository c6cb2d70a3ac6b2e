import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { LogEntry, ShardLog } from "../roles/shard-logs.ts";
import { collect, eventsBehind, LOG_ENTRY_EVENTS, type LogEvent, partsOf } from "./entries.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

const BEGINNING = "0-0";
/** One read blocks for no longer, so that a dead connection is told from a quiet log. */
const BLOCK_MAX_MS = 5_000;
/** For the connection that blocks. */
export const LOG_ANSWER_TIMEOUT_MS = 2 * BLOCK_MAX_MS;

/** How much of what is committed the log keeps, for a Postgres that falls back: whichever ends first. */
export interface ReplayBounds {
  readonly windowMs: number;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The log of one shard. `reader` is a connection of its own, because a read blocks it.
 *
 * An offset is `<run>.<born>/<ms>-<n>`, n the number of the event; run and born name the log. One of another log (Redis
 * was restarted or flushed, a replica took over) says nothing about what this log holds behind the same id: reading then
 * begins at the oldest entry kept, and the store, which takes nothing twice, sorts it out.
 */
export class RedisShardLog implements ShardLog {
  readonly #reader: Link;
  readonly #link: Link;
  readonly #log: string;
  readonly #counters: string;
  readonly #newestGeneration: string;
  readonly #generation: number;
  readonly #replay: ReplayBounds;
  /** As last read. What is read next is from this log or from a later one, never from an earlier. */
  #name = "";

  constructor(
    reader: Link,
    link: Link,
    keys: Keys,
    { shard, generation, replay }: { shard: number; generation: number; replay: ReplayBounds },
  ) {
    this.#reader = reader;
    this.#link = link;
    this.#log = keys.log(shard);
    this.#counters = keys.counters(shard);
    this.#newestGeneration = keys.newestGeneration;
    this.#generation = generation;
    this.#replay = replay;
  }

  async read(after: string, count: number, blockMs: number): Promise<readonly LogEntry[]> {
    return await this.#reader.call(async (redis, run) => {
      if (idIn(after, this.#name) === null) this.#name = nameOf(run, await redis.hget(this.#counters, "born"));
      const name = this.#name;
      const events = await collect<LogEvent>(count, LOG_ENTRY_EVENTS, async (last, entries) => {
        if (this.#name !== name) return [];
        const behind = last === undefined ? (idIn(after, name) ?? BEGINNING) : idOf(last);
        const [streams, born] = await Promise.all([
          this.#readStreams(redis, behind, entries, last === undefined ? blockMs : 0),
          redis.hget(this.#counters, "born"),
        ]);
        this.#name = nameOf(run, born);
        return (streams?.[0]?.[1] ?? []).map((entry) => eventsBehind(behind, entry));
      });
      return events.map((event) => ({ offset: `${name}/${idOf(event)}`, frame: event.frame }));
    });
  }

  async trim(committed: string): Promise<void> {
    await this.#link.call(async (redis, run) => {
      const [name = "", id = ""] = committed.split("/");
      if (!name.startsWith(`${run}.`)) return;
      const born = name.slice(run.length + 1);
      const { windowMs, maxEvents, maxBytes } = this.#replay;
      const args = [id, String(windowMs), born, String(maxEvents), String(maxBytes)];
      await redis.hubbubTrim(2, [this.#log, this.#counters, ...args]);
    });
  }

  async lag(after: string): Promise<number> {
    return await this.#link.call(async (redis, run) => {
      const [appended = null, born = null] = await redis.hmget(this.#counters, "appended", "born");
      const id = idIn(after, nameOf(run, born));
      if (id !== null) return Math.max(Number(appended ?? 0) - partsOf(id)[1], 0);
      const [oldest] = await redis.xrange(this.#log, "-", "+", "COUNT", 1);
      if (oldest === undefined) return 0;
      const [first] = eventsBehind(BEGINNING, oldest);
      return Number(appended ?? 0) - (first?.number ?? 0) + 1;
    });
  }

  async missing(after: string): Promise<number> {
    return await this.#link.call(async (redis) => {
      const newest = Number((await redis.get(this.#newestGeneration)) ?? 0);
      if (newest > this.#generation) return Number.POSITIVE_INFINITY;
      if (newest < this.#generation) await redis.set(this.#newestGeneration, this.#generation);
      const [[oldest], [appended = null, born = null]] = await Promise.all([
        redis.xrange(this.#log, "-", "+", "COUNT", 1),
        redis.hmget(this.#counters, "appended", "born"),
      ]);
      const last = lastCommitted(after, born);
      if (last === null) return 0;
      const first = oldest === undefined ? Number(appended ?? 0) + 1 : eventsBehind(BEGINNING, oldest)[0]?.number;
      return Math.max((first ?? 0) - 1 - last, 0);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }

  async #readStreams(redis: Redis, after: string, count: number, blockMs: number) {
    if (blockMs <= 0) return await redis.xread("COUNT", count, "STREAMS", this.#log, after);
    return await redis.xread("COUNT", count, "BLOCK", Math.min(blockMs, BLOCK_MAX_MS), "STREAMS", this.#log, after);
  }
}

/** The offset in front of everything in the log. */
export async function startOf(redis: Redis, run: string, counters: string): Promise<string> {
  return `${nameOf(run, await redis.hget(counters, "born"))}/${BEGINNING}`;
}

/** A log that has no name yet is empty. */
function nameOf(run: string, born: string | null): string {
  return `${run}.${born ?? ""}`;
}

/** null: not an id of this log. */
function idIn(offset: string, name: string): string | null {
  return offset.startsWith(`${name}/`) ? offset.slice(name.length + 1) : null;
}

/**
 * The number of the last event of the log that the store has, for a store that stands at `after`; 0: it has none, null:
 * that cannot be told. Numbers go on when Redis restarts with its file, so only the name that the log was born with counts.
 * A shard that was sealed stands at the beginning of the log, whatever it has of it.
 */
function lastCommitted(after: string, born: string | null): number | null {
  if (after === "") return 0;
  const [name = "", id = ""] = after.split("/");
  return id !== BEGINNING && name.endsWith(`.${born ?? ""}`) ? partsOf(id)[1] : null;
}

function idOf({ ms, number }: LogEvent): string {
  return `${ms}-${number}`;
}
