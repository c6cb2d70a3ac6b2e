import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { LogEntry, ShardLog } from "../roles/shard-logs.ts";
import { collect, eventsBehind, LOG_ENTRY_EVENTS, type LogEvent, partsOf } from "./entries.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

const BEGINNING = "0-0";
/** Upper bound of one blocking read, so that a dead connection can be distinguished from a silent log. */
const BLOCK_MAX_MS = 5_000;
/** Answer timeout of the connection that blocks. */
export const LOG_ANSWER_TIMEOUT_MS = 2 * BLOCK_MAX_MS;

/** Committed entries that the log keeps for a Postgres that fails over; the tightest bound counts. */
export interface ReplayBounds {
  readonly windowMs: number;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The log of one shard. `reader` is a separate connection, because a read blocks it.
 *
 * An offset is `<run>.<logId>/<ms>-<n>`; n is the number of the event. Run and log id name the log; the log id is the field
 * `born` of the counters. An offset of another log (Redis was restarted or flushed, or a replica took over) says nothing about
 * the entries of this one. Reading then begins at the oldest entry, and the store ignores the events that it has.
 */
export class RedisShardLog implements ShardLog {
  readonly #reader: Link;
  readonly #link: Link;
  readonly #log: string;
  readonly #counters: string;
  readonly #newestGeneration: string;
  readonly #generation: number;
  readonly #replay: ReplayBounds;
  /** The log of the last read. The next read is from this log or a later one, never from an earlier one. */
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
        const [streams, logId] = await Promise.all([
          this.#readStreams(redis, behind, entries, last === undefined ? blockMs : 0),
          redis.hget(this.#counters, "born"),
        ]);
        this.#name = nameOf(run, logId);
        return (streams?.[0]?.[1] ?? []).map((entry) => eventsBehind(behind, entry));
      });
      return events.map((event) => ({ offset: `${name}/${idOf(event)}`, frame: event.frame }));
    });
  }

  async trim(committed: string): Promise<void> {
    await this.#link.call(async (redis, run) => {
      const [name = "", id = ""] = committed.split("/");
      if (!name.startsWith(`${run}.`)) return;
      const logId = name.slice(run.length + 1);
      const { windowMs, maxEvents, maxBytes } = this.#replay;
      const args = [id, String(windowMs), logId, String(maxEvents), String(maxBytes)];
      await redis.hubbubTrim(2, [this.#log, this.#counters, ...args]);
    });
  }

  async lag(after: string): Promise<number> {
    return await this.#link.call(async (redis, run) => {
      const [appended = null, logId = null] = await redis.hmget(this.#counters, "appended", "born");
      const id = idIn(after, nameOf(run, logId));
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
      const [[oldest], [appended = null, logId = null]] = await Promise.all([
        redis.xrange(this.#log, "-", "+", "COUNT", 1),
        redis.hmget(this.#counters, "appended", "born"),
      ]);
      const last = lastCommitted(after, logId);
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

/** The offset before the first entry of the log. */
export async function startOf(redis: Redis, run: string, counters: string): Promise<string> {
  return `${nameOf(run, await redis.hget(counters, "born"))}/${BEGINNING}`;
}

/** A log without an id is empty. */
function nameOf(run: string, logId: string | null): string {
  return `${run}.${logId ?? ""}`;
}

/** null: not an id of this log. */
function idIn(offset: string, name: string): string | null {
  return offset.startsWith(`${name}/`) ? offset.slice(name.length + 1) : null;
}

/**
 * The number of the last event of this log that a store at offset `after` has. 0: none. null: unknown. Only the log id is
 * compared, because numbers continue when Redis restarts with its file. A sealed shard stands at the beginning of the log,
 * however much of it is stored.
 */
function lastCommitted(after: string, logId: string | null): number | null {
  if (after === "") return 0;
  const [name = "", id = ""] = after.split("/");
  return id !== BEGINNING && name.endsWith(`.${logId ?? ""}`) ? partsOf(id)[1] : null;
}

function idOf({ ms, number }: LogEvent): string {
  return `${ms}-${number}`;
}
