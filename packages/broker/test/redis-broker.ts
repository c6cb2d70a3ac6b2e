import { newId } from "@hubbub/protocol";
import { inject } from "vitest";
import { createRedisBroker, type RedisBrokerOptions } from "../src/redis/redis-broker.ts";
import type { Broker } from "../src/roles/broker.ts";
import { BACKLOG_MAX, BACKLOG_MAX_BYTES, SHARDS } from "./fixture.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens a broker on the Redis of the test run, with a key prefix of its own. */
export function openOnRedis(options: Partial<RedisBrokerOptions> = {}): Broker {
  return createRedisBroker({
    url: inject("redisUrl"),
    prefix: `test:${newId()}:`,
    shards: SHARDS,
    log: silent,
    backlogMaxEvents: BACKLOG_MAX,
    ...(options.backlogMaxEvents === undefined ? { backlogMaxBytes: BACKLOG_MAX_BYTES } : {}),
    replayWindowMs: 0,
    ...options,
  });
}
