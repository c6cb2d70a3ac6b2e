/** Entries of one read. A full read means that the writer is behind. */
const READ_ROWS = 500;
/** Entries and characters of one transaction. At either bound the batch is closed and the rest is for the next one. */
const BATCH_ROWS_MAX = 5_000;
const BATCH_CHARS_MAX = 4_000_000;
/** How long a read waits for a first entry; also the longest that a drain waits for it. */
const BLOCK_MS = 500;

export interface Gathered {
  readonly rows: number;
  readonly chars: number;
  /** The last read, of this batch or of the one before, brought all it asked for. */
  readonly wasFull: boolean;
  /** Since the batch before was closed. */
  readonly sinceLastMs: number;
}

export type Plan = "close" | { readonly pauseMs: number; readonly count: number; readonly blockMs: number };

/**
 * What to do with a batch that is being gathered.
 *
 * Batches keep a distance, and that is all it takes to adapt: an entry that comes alone is committed at once, a steady
 * flow, whatever its rate, in 1000/gatherMs transactions a second, and a writer that is behind does not wait at all. With a
 * distance of 0 acks wait for the commit and the store may run on this very thread: batches stay short then.
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
