import type { RoomId } from "@hubbub/protocol";
import type { BrokerLogger } from "../broker-logger.ts";
import { createKeys, type Keys } from "../keys.ts";
import type { RoomHead, TailEvent } from "../roles/room-log.ts";
import { shardOf } from "../shard-of.ts";
import { BEGINNING, collect, type Entry, eventsBehind, LOG_ENTRY_EVENTS, nameOf } from "./entries.ts";
import { connect, Link } from "./link.ts";
import { readTail } from "./redis-tail.ts";

/** What an operator's check reads of Redis: pages of the size that is asked for, nothing that blocks or writes. */
export interface LogInspection extends AsyncDisposable {
  readonly shards: number;
  shardOf(room: RoomId): number;
  /** null for a room that this Redis does not know. */
  head(room: RoomId): Promise<InspectedHead | null>;
  /** Events of the tail with seq > after, rising. */
  tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]>;
  /** The position of the newest entry of a shard's log. */
  end(shard: number): Promise<LogPosition>;
  /** Entries after `after` ("" for the beginning), oldest first. */
  entries(shard: number, after: string, limit: number): Promise<readonly InspectedEntry[]>;
}

export interface InspectedHead extends RoomHead {
  /** The numbering is of the run that answers. If not, the next accept begins a new epoch. */
  readonly isCurrent: boolean;
}

/** Comparable within one log. */
export interface LogPosition {
  readonly log: string;
  /** The number of an event, from 1; 0: before the first one. */
  readonly entry: number;
}

export interface InspectedEntry extends LogPosition {
  /** As `entries` takes it. */
  readonly id: string;
  readonly frame: string;
}

export interface LogInspectionOptions {
  readonly url: string;
  readonly prefix: string;
  readonly shards: number;
  readonly generation?: number | undefined;
  readonly log: BrokerLogger;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** The position of an offset of a `Lease`, `<log>/<ms>-<entry>`; null: nothing was ever committed. */
export function positionOf(offset: string): LogPosition | null {
  const [, log, entry] = /^(.*)\/\d+-(\d+)$/.exec(offset) ?? [];
  return log === undefined ? null : { log, entry: Number(entry) };
}

export function createRedisInspection(options: LogInspectionOptions): LogInspection {
  const link = new Link(
    connect({ ...options, name: "hubbub-inspection", answerTimeoutMs: ANSWER_TIMEOUT_MS }),
    options.log,
  );
  const keys = createKeys(options.prefix, options.shards, options.generation);
  return {
    shards: options.shards,
    shardOf: (room) => shardOf(room, options.shards),
    head: (room) => readHead(link, keys, room),
    tail: (room, after, limit) => link.call((redis) => readTail(redis, keys.tail(room), after, limit)),
    async end(shard) {
      return await link.call(async (redis, run) => {
        const [logId, appended] = await redis.hmget(keys.counters(shard), "born", "appended");
        return { log: nameOf(run, logId ?? null), entry: Number(appended ?? 0) };
      });
    },
    entries: (shard, after, limit) => readEntries(link, keys, shard, { after, limit }),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function readHead(link: Link, keys: Keys, room: RoomId): Promise<InspectedHead | null> {
  return await link.call(async (redis, run) => {
    const [epoch, seq, durable, of] = await redis.hmget(keys.head(room), "epoch", "seq", "durable", "run");
    if (typeof epoch !== "string") return null;
    return { epoch: Number(epoch), seq: Number(seq), durable: Number(durable ?? 0), isCurrent: of === run };
  });
}

/** Each read in one transaction with the log's name: a log that is flushed between two reads would have another one. */
async function readEntries(link: Link, keys: Keys, shard: number, { after, limit }: { after: string; limit: number }) {
  return await collect<InspectedEntry>(limit, LOG_ENTRY_EVENTS, async (last, count) => {
    const behind = last?.id ?? (after === "" ? BEGINNING : after);
    const { log, entries } = await readLog(link, keys, shard, behind, count);
    if (last !== undefined && last.log !== log) return [];
    return entries.map((entry) =>
      eventsBehind(behind, entry).map(({ ms, number, frame }) => ({
        log,
        entry: number,
        id: `${ms}-${number}`,
        frame,
      })),
    );
  });
}

async function readLog(link: Link, keys: Keys, shard: number, behind: string, count: number) {
  return await link.call(async (redis, run) => {
    const answers = await redis
      .multi()
      .hget(keys.counters(shard), "born")
      .xrange(keys.log(shard), `(${behind}`, "+", "COUNT", count)
      .exec();
    const [logId, entries] = (answers ?? []).map(([error, answer]) => {
      if (error !== null) throw error;
      return answer;
    });
    const log = nameOf(run, typeof logId === "string" ? logId : null);
    return { log, entries: Array.isArray(entries) ? (entries as Entry<string>[]) : [] };
  });
}
