import { type Logger, type Metrics, runLoop, unlessAborted } from "@hubbub/runtime";
import { createMeters } from "./meters.ts";
import { Ownership } from "./ownership.ts";
import type { WriterContext } from "./settings.ts";

export interface WriterOptions extends Omit<WriterContext, "meters" | "logger"> {
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Writer {
  /** What prevents writing; empty: ready. A writer that waits for a share of the shards is ready. */
  readiness(): readonly string[];
  /** What its shards wait for. */
  troubles(): readonly string[];
  /** Commits the batches in memory, publishes their marks, releases the leases. Returns early at the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
  /** Ends at once. What is not committed stays in the log, and the leases expire. */
  stop(): Promise<void>;
}

/** Starts writing from the log to the store, for every shard that it gets a lease for. */
export function createWriter({ metrics, log: logger, ...options }: WriterOptions): Writer {
  const meters = createMeters(
    metrics,
    () => ownership.held.length,
    () => ownership.held.reduce((sum, shard) => sum + shard.lag, 0),
  );
  const ownership: Ownership = new Ownership({ ...options, logger, meters });
  const leasing = runLoop(ownership);
  return {
    readiness: () => [
      ...(ownership.isTroubled ? ["leases cannot be renewed: Postgres is away"] : []),
      ...new Set(ownership.held.flatMap(({ outage }) => outage.refusal ?? [])),
    ],
    troubles: () => [...new Set(ownership.held.flatMap(({ outage }) => outage.trouble ?? []))],
    async drain(deadline) {
      ownership.end();
      await unlessAborted(leasing, deadline);
      await unlessAborted(ownership.finishAll(), deadline);
    },
    async stop() {
      ownership.end();
      await ownership.endAll();
      await leasing;
      await ownership.endAll();
    },
  };
}
