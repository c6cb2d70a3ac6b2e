import type { Deliveries, RoomLog, ShardLogs, Tails } from "@hubbub/broker";
import { integer, type Logger } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { z } from "zod";
import type { Meters } from "./meters.ts";

/** By the names of environment variables. */
export const writerSettings = {
  /** Lifetime of a lease that is not renewed: the longest time that a shard has no writer. */
  WRITER_LEASE_MS: integer(500, 600_000, 5_000),
  /** Minimum interval between two transactions of a shard that keeps up. 0: commit at once; acks wait for the commit. */
  BATCH_GATHER_MAX_MS: integer(0, 1_000, 50),
  /** Minimum interval between two durable marks of a room. 0: one with every commit. */
  MARK_INTERVAL_MS: integer(0, 10_000, 50),
};

export type WriterSettings = z.output<z.ZodObject<typeof writerSettings>>;

/** What every part of the writer works with. */
export interface WriterContext {
  readonly broker: RoomLog & ShardLogs & Tails & Pick<Deliveries, "publishControl" | "publishSignal">;
  readonly store: Store;
  readonly settings: WriterSettings;
  /** Unique among all writers of the cluster; a restarted process is a new one. */
  readonly owner: string;
  readonly meters: Meters;
  readonly logger: Logger;
}
