import type { ShardLog } from "@hubbub/broker";

/** Committed rows after which the log is told: it counts them as backlog until then, far below its bound. */
const ROWS_MAX = 2_000;
/** Interval while rows are committed. */
const BUSY_MS = 1_000;
/** Interval while nothing is committed: kept entries still reach their maximum age. */
const IDLE_MS = 10_000;

/** Tells the log of one shard how far it is committed, so that it can drop entries, and reads the lag. */
export class Trim {
  readonly #log: ShardLog;
  #rows = 0;
  #doneAt = Number.NEGATIVE_INFINITY;
  #lag = 0;

  constructor(log: ShardLog) {
    this.#log = log;
  }

  /** Entries that were not committed at the last call. */
  get lag(): number {
    return this.#lag;
  }

  committed(rows: number): void {
    this.#rows += rows;
  }

  async trimIfDue(offset: string): Promise<void> {
    const sinceMs = performance.now() - this.#doneAt;
    if (this.#rows < ROWS_MAX && sinceMs < (this.#rows === 0 ? IDLE_MS : BUSY_MS)) return;
    await this.#log.trim(offset);
    this.#lag = await this.#log.lag(offset);
    this.#rows = 0;
    this.#doneAt = performance.now();
  }
}
