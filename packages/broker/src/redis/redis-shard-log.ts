import type { Redis } from "ioredis";
import type { LogEntry, ShardLog } from "../broker.ts";
import type { Keys } from "../keys.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

const BEGINNING = "0-0";
/** One read blocks for no longer, so that a dead connection is told from a quiet log. */
const BLOCK_MAX_MS = 5_000;
/** For the connection that blocks. */
export const LOG_ANSWER_TIMEOUT_MS = 2 * BLOCK_MAX_MS;

/**
 * The log of one shard. `reader` is a connection of its own, because a read blocks it.
 *
 * An offset is `<run>/<id>`. One of another run (Redis was restarted, a replica took over) says nothing about what this
 * log holds behind the same id: reading then begins at the oldest entry kept, and the store, which takes nothing twice,
 * sorts it out.
 */
export class RedisShardLog implements ShardLog {
  readonly #reader: Link;
  readonly #link: Link;
  readonly #log: string;
  readonly #counters: string;
  readonly #replayWindowMs: number;

  constructor(reader: Link, link: Link, keys: Keys, shard: number, replayWindowMs: number) {
    this.#reader = reader;
    this.#link = link;
    this.#log = keys.log(shard);
    this.#counters = keys.counters(shard);
    this.#replayWindowMs = replayWindowMs;
  }

  async read(after: string, count: number, blockMs: number): Promise<readonly LogEntry[]> {
    return await this.#reader.call(async (redis, run) => {
      const streams = await this.#readStreams(redis, idIn(after, run) ?? BEGINNING, count, blockMs);
      const entries = streams?.[0]?.[1] ?? [];
      return entries.map(([id, fields]) => ({ offset: `${run}/${id}`, frame: fields[1] ?? "" }));
    });
  }

  async trim(committed: string): Promise<void> {
    await this.#link.call(async (redis, run) => {
      const id = idIn(committed, run);
      if (id !== null) await redis.hubbubTrim(2, [this.#log, this.#counters, id, String(this.#replayWindowMs)]);
    });
  }

  async lag(after: string): Promise<number> {
    return await this.#link.call(async (redis, run) => {
      const id = idIn(after, run);
      if (id === null) return await redis.xlen(this.#log);
      const appended = Number((await redis.hget(this.#counters, "appended")) ?? 0);
      return Math.max(appended - Number(id.slice(id.indexOf("-") + 1)), 0);
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

/** null: not an id of this run. */
function idIn(offset: string, run: string): string | null {
  return offset.startsWith(`${run}/`) ? offset.slice(run.length + 1) : null;
}
