import type { ShardLog } from "@hubbub/broker";

/** The log counts what is not committed towards its bound: it must hear of commits well before that many rows. */
const ROWS_MAX = 2_000;
const BUSY_MS = 1_000;
/** Entries also grow old while nothing is committed. */
const IDLE_MS = 10_000;

/** Tells the log of one shard what is committed, so that it can forget, and asks what is not. */
export class Trim {
  readonly #log: ShardLog;
  #rows = 0;
  #doneAt = Number.NEGATIVE_INFINITY;
  #lag = 0;

  constructor(log: ShardLog) {
    this.#log = log;
  }

  /** Entries that are not committed, as of the last look. */
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
