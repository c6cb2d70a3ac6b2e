import { newId } from "@hubbub/protocol";
import { inject } from "vitest";
import { BACKLOG_MAX, BACKLOG_MAX_BYTES, SHARDS } from "../contract/fixture.ts";
import type { Broker } from "../roles/broker.ts";
import { createRedisBroker, type RedisBrokerOptions } from "./redis-broker.ts";

const silent = { warn: () => undefined, error: () => undefined };

/** On the run's Redis, in a key space of its own. */
export function openOnRedis(options: Partial<RedisBrokerOptions> = {}): Broker {
  return createRedisBroker({
    url: inject("redisUrl"),
    prefix: `test:${newId()}:`,
    shards: SHARDS,
    log: silent,
    backlogMaxEvents: BACKLOG_MAX,
    backlogMaxBytes: options.backlogMaxEvents === undefined ? BACKLOG_MAX_BYTES : undefined,
    replayWindowMs: 0,
    ...options,
  });
}
