import type { RedisOptions } from "ioredis";
import { openRedis } from "./redis-url.ts";

/** What Redis says of itself, for `hubbub doctor`. */
export interface RedisFacts {
  /** Every line `name:value` of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** null: the user may not use CONFIG. */
  readonly config: ReadonlyMap<string, string> | null;
  /** Unix ms by the clock of Redis. */
  readonly clockMs: number;
  /** Unix ms by the clock of this process, in the middle of the question about the clock. */
  readonly askedAtMs: number;
  /** How long the answer about the clock took: the clocks are compared to half of this. */
  readonly roundTripMs: number;
}

const TIMEOUT_MS = 5_000;
const ASKED = ["appendfsync", "min-replicas-to-write", "save"];

/** Asks once, without retries. @throws what keeps Redis from answering */
export async function readRedisFacts(url: string): Promise<RedisFacts> {
  const options = {
    lazyConnect: true,
    // A replica without its master answers too, and its role is one of the facts.
    enableReadyCheck: false,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  } satisfies RedisOptions;
  const redis = openRedis(url, options);
  let seen: Error | undefined;
  redis.on("error", (error) => {
    seen ??= error;
  });
  try {
    await redis.connect();
    const info = await redis.info();
    const config = await Promise.all(ASKED.map((name) => redis.config("GET", name))).catch(() => null);
    const before = Date.now();
    const [seconds, micros] = await redis.time();
    const after = Date.now();
    return {
      info: linesOf(info),
      config: config === null ? null : new Map(config.map((pair) => [String(pair[0]), String(pair[1])] as const)),
      clockMs: Number(seconds) * 1_000 + Number(micros) / 1_000,
      askedAtMs: (before + after) / 2,
      roundTripMs: after - before,
    };
  } catch (error) {
    throw seen ?? error;
  } finally {
    redis.disconnect();
  }
}

function linesOf(info: string): Map<string, string> {
  const pairs = info.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at < 1 || line.startsWith("#") ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return new Map(pairs);
}
