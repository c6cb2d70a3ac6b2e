import type { ShardLog } from "@hubbub/broker";

/**
 * The log counts entries that are not committed towards its bound, so it must learn of commits well before that many.
 */
const ROWS_MAX = 2_000;
const BUSY_MS = 1_000;
/** Entries also reach their maximum age while nothing is committed. */
const IDLE_MS = 10_000;

/** Tells the log of one shard up to where it is committed, so that it can drop entries, and asks how much is not. */
export class Trim {
  readonly #log: ShardLog;
  #rows = 0;
  #doneAt = Number.NEGATIVE_INFINITY;
  #lag = 0;

  constructor(log: ShardLog) {
    this.#log = log;
  }

  /** Entries that are not committed, as of the last call. */
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
