import { integer } from "@hubbub/runtime";
import type { z } from "zod";

/** By names of the environment. */
export const writerSettings = {
  /** How long a shard stays with a writer that is not heard of: the longest wait for a successor. */
  WRITER_LEASE_MS: integer(500, 600_000, 5_000),
  /** The least distance of two transactions of a shard that keeps up. 0: commit at once, acks wait for it. */
  BATCH_GATHER_MAX_MS: integer(0, 1_000, 50),
  /** The least distance of two durable marks of a room. 0: with every commit. */
  MARK_INTERVAL_MS: integer(0, 10_000, 50),
};

export type WriterSettings = z.output<z.ZodObject<typeof writerSettings>>;
