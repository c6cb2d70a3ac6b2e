import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { LogEntry, ShardLog } from "../roles/shard-logs.ts";
import { BEGINNING, collect, eventsBehind, LOG_ENTRY_EVENTS, type LogEvent, nameOf, partsOf } from "./entries.ts";
import type { Link } from "./link.ts";
import { lengthOf, missingEvents } from "./recovery/lost-log.ts";
import "./scripts.ts";

/** Upper bound of one blocking read, so that a dead connection can be distinguished from a silent log. */
const BLOCK_MAX_MS = 5_000;
/** Answer timeout of the connection that blocks. */
export const LOG_ANSWER_TIMEOUT_MS = 2 * BLOCK_MAX_MS;

interface OwnLog {
  readonly shard: number;
  readonly generation: number;
  /** Committed entries that the log keeps for a Postgres that fails over; the tightest bound counts. */
  readonly replayWindowMs: number;
  readonly replayMaxEvents: number;
  readonly replayMaxBytes: number;
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
  readonly #keys: Keys;
  readonly #own: OwnLog;
  readonly #log: string;
  readonly #counters: string;
  /** The log of the last read. The next read is from this log or a later one, never from an earlier one. */
  #name = "";

  constructor(reader: Link, link: Link, keys: Keys, own: OwnLog) {
    this.#reader = reader;
    this.#link = link;
    this.#keys = keys;
    this.#own = own;
    this.#log = keys.log(own.shard);
    this.#counters = keys.counters(own.shard);
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
      const { replayWindowMs, replayMaxEvents, replayMaxBytes } = this.#own;
      const args = [id, String(replayWindowMs), logId, String(replayMaxEvents), String(replayMaxBytes)];
      await redis.hubbubTrim(2, [this.#log, this.#counters, ...args]);
    });
  }

  async lag(after: string): Promise<number> {
    return await this.#link.call(async (redis, run) => {
      const [appended = null, logId = null] = await redis.hmget(this.#counters, "appended", "born");
      const id = idIn(after, nameOf(run, logId));
      if (id !== null) return Math.max(Number(appended ?? 0) - partsOf(id)[1], 0);
      return await lengthOf(redis, this.#log, appended);
    });
  }

  async missing(after: string): Promise<number> {
    return await this.#link.call((redis) => missingEvents(redis, this.#keys, this.#own, after));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }

  async #readStreams(redis: Redis, after: string, count: number, blockMs: number) {
    if (blockMs <= 0) return await redis.xread("COUNT", count, "STREAMS", this.#log, after);
    return await redis.xread("COUNT", count, "BLOCK", Math.min(blockMs, BLOCK_MAX_MS), "STREAMS", this.#log, after);
  }
}

/** null: not an id of this log. */
function idIn(offset: string, name: string): string | null {
  return offset.startsWith(`${name}/`) ? offset.slice(name.length + 1) : null;
}

function idOf({ ms, number }: LogEvent): string {
  return `${ms}-${number}`;
}
