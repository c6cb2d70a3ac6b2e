import type { LogEntry, ShardLog } from "@hubbub/broker";
import { pause, unlessAborted } from "@hubbub/runtime";

/** Entries of one read. After a full read the writer is behind. */
const READ_ROWS = 500;
/** Entries and characters of one transaction. At either bound the batch is closed; the next batch takes the rest. */
const BATCH_ROWS_MAX = 5_000;
const BATCH_CHARS_MAX = 4_000_000;
/** How long a read waits for a first entry, and the longest time that a drain waits for the read. */
const BLOCK_MS = 500;

/** Reads the log of a shard, batch by batch. */
export class BatchReader {
  readonly #log: ShardLog;
  readonly #gatherMs: number;
  #position: string;
  /** Bounded by `planBatch`. */
  #entries: LogEntry[] = [];
  #chars = 0;
  #wasFull = false;
  #closedAt = Number.NEGATIVE_INFINITY;

  constructor(log: ShardLog, position: string, gatherMs: number) {
    this.#log = log;
    this.#position = position;
    this.#gatherMs = gatherMs;
  }

  /** The next batch; empty when there is none within `waitMs`, or when the signal aborts. */
  async next(waitMs: number, signal: AbortSignal): Promise<readonly LogEntry[]> {
    while (!signal.aborted) {
      const sinceLastMs = performance.now() - this.#closedAt;
      const { length: rows } = this.#entries;
      const plan = planBatch({ rows, chars: this.#chars, wasFull: this.#wasFull, sinceLastMs }, this.#gatherMs);
      if (plan === "close") return this.#take();
      if (plan.pauseMs > 0) await pause(Math.min(plan.pauseMs, waitMs), signal);
      if (plan.pauseMs > waitMs || signal.aborted) return [];
      const read = await this.#read(plan.count, Math.min(plan.blockMs, Math.ceil(waitMs)), signal);
      if (rows + read === 0) return [];
    }
    return [];
  }

  /** Returns the number of entries. An aborted read leaves no trace: its entries are still in the log. */
  async #read(count: number, blockMs: number, signal: AbortSignal): Promise<number> {
    const read = (await unlessAborted(this.#log.read(this.#position, count, blockMs), signal)) ?? [];
    for (const entry of read) {
      this.#entries.push(entry);
      this.#chars += entry.frame.length;
    }
    this.#position = read.at(-1)?.offset ?? this.#position;
    this.#wasFull = read.length === count;
    return read.length;
  }

  #take(): readonly LogEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#chars = 0;
    this.#closedAt = performance.now();
    return entries;
  }
}

interface Gathered {
  readonly rows: number;
  readonly chars: number;
  /** The last read, of this batch or of the previous one, returned as many entries as it asked for. */
  readonly wasFull: boolean;
  /** Since the previous batch was closed. */
  readonly sinceLastMs: number;
}

type Plan = "close" | { readonly pauseMs: number; readonly count: number; readonly blockMs: number };

/**
 * The next action for the batch that is being gathered.
 *
 * A minimum interval between batches adapts to any load: a single entry is committed at once, a steady flow in
 * 1000/gatherMs transactions a second, and a writer that is behind does not wait. With interval 0, acks wait for the
 * commit and the store may run on this thread, so batches stay short.
 */
export function planBatch(batch: Gathered, gatherMs: number): Plan {
  if (batch.rows === 0) {
    const pauseMs = batch.wasFull ? 0 : Math.max(0, Math.ceil(gatherMs - batch.sinceLastMs));
    return { pauseMs, count: READ_ROWS, blockMs: BLOCK_MS };
  }
  const rowsMax = gatherMs === 0 ? READ_ROWS : BATCH_ROWS_MAX;
  if (!batch.wasFull || batch.rows >= rowsMax || batch.chars >= BATCH_CHARS_MAX) return "close";
  return { pauseMs: 0, count: Math.min(READ_ROWS, rowsMax - batch.rows), blockMs: 0 };
}
