import type { Redis } from "ioredis";
import type { Keys } from "../../keys.ts";
import { BEGINNING, eventsBehind, nameOf, partsOf } from "../entries.ts";

/** `ShardLog.missing` of the log of a shard in a generation of the cluster. */
export async function missingEvents(
  redis: Redis,
  keys: Keys,
  { shard, generation }: { readonly shard: number; readonly generation: number },
  after: string,
): Promise<number> {
  const newest = Number((await redis.get(keys.newestGeneration)) ?? 0);
  if (newest > generation) return Number.POSITIVE_INFINITY;
  if (newest < generation) await redis.set(keys.newestGeneration, generation);
  const [first, [appended = null, logId = null]] = await Promise.all([
    oldestNumber(redis, keys.log(shard)),
    redis.hmget(keys.counters(shard), "appended", "born"),
  ]);
  const last = lastCommitted(after, logId);
  return last === null ? 0 : Math.max((first ?? Number(appended ?? 0) + 1) - 1 - last, 0);
}

/** The offset before the first entry of the log. */
export async function startOf(redis: Redis, run: string, counters: string): Promise<string> {
  return `${nameOf(run, await redis.hget(counters, "born"))}/${BEGINNING}`;
}

/** Number of all events of a log; `appended`: how many it ever had. */
export async function lengthOf(redis: Redis, log: string, appended: string | null): Promise<number> {
  const first = await oldestNumber(redis, log);
  return first === null ? 0 : Number(appended ?? 0) - first + 1;
}

/** The number of the oldest event of a log; null when it is empty. */
async function oldestNumber(redis: Redis, log: string): Promise<number | null> {
  const [oldest] = await redis.xrange(log, "-", "+", "COUNT", 1);
  return oldest === undefined ? null : (eventsBehind(BEGINNING, oldest)[0]?.number ?? 0);
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
