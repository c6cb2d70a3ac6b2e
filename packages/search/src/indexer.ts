import { backoffMs, type Logger, type Loop, type LoopRole, type Metrics, pause, startLoop } from "@hubbub/runtime";
import { isUnavailable, type SearchIndex } from "@hubbub/store";
import { toWrite } from "./to-write.ts";

/** Events of one step. */
const STEP_EVENTS = 1_000;
/** The longest time that a change waits for the next look. */
const LOOK_MS = 500;
/** A process that dies is replaced within this. */
const LEASE_MS = 5_000;
const RENEW_MS = LEASE_MS / 3;
/** While there is more to do it rests for this many times of what a step took: the database is for messages first. */
const REST_FACTOR = 3;
/** Batches in the journal up to which the lag is counted. */
const LAG_MAX = 100_000;
const LAG_EVERY_MS = 10_000;

interface IndexerOptions {
  readonly index: SearchIndex;
  /** Unique among all processes of the cluster. */
  readonly owner: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Brings the index of search up to the events, in one process of the cluster at a time. A step reads the journal and the rows,
 * and commits documents together with what they cover. What fails, or ends in between, is read again.
 */
export function createIndexer(options: IndexerOptions): LoopRole {
  return startLoop(new IndexerLoop(options));
}

class IndexerLoop implements Loop {
  readonly #options: IndexerOptions;
  readonly #ending = new AbortController();
  readonly #documents;
  #token: number | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #countedAt = Number.NEGATIVE_INFINITY;
  #lag = 0;
  #hasReadAll = false;
  #attempt = 0;
  #isReleased = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
    const { metrics } = options;
    metrics.gauge("search_lag_batches", "Stored batches that are not in the index of search yet", () => this.#lag);
    this.#documents = metrics.counter(
      "search_documents_total",
      "Messages brought into the index of search, or removed",
    );
  }

  get isDone(): boolean {
    return this.#isReleased;
  }

  end(): void {
    this.#ending.abort();
  }

  async step(): Promise<void> {
    if (this.#ending.signal.aborted) return await this.#leave();
    if (!(await this.#holds())) return await pause(RENEW_MS, this.#ending.signal);
    await this.#countLag();
    const begun = performance.now();
    const wrote = await this.#index();
    this.#attempt = 0;
    await pause(wrote ? (performance.now() - begun) * REST_FACTOR : LOOK_MS, this.#ending.signal);
  }

  /** The index may lag, messages go on: any error is waited out, and told once. */
  async recover(error: unknown): Promise<void> {
    if (this.#ending.signal.aborted) this.#isReleased = true;
    const { log } = this.#options;
    if (this.#attempt === 0) {
      if (isUnavailable(error)) log.warn({ err: error }, "the index of search waits for Postgres");
      else log.error({ err: error }, "the index of search cannot go on, it tries again");
    }
    this.#token = null;
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    await pause(backoffMs(this.#attempt++), this.#ending.signal);
  }

  async #holds(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#renewedAt < RENEW_MS) return this.#token !== null;
    const token = await this.#options.index.acquire(this.#options.owner, LEASE_MS);
    if (token !== null && token !== this.#token) {
      this.#options.log.info({ fence: token }, "lease of search taken");
      this.#hasReadAll = false;
    }
    this.#token = token;
    this.#renewedAt = token === null ? Number.NEGATIVE_INFINITY : now;
    return token !== null;
  }

  /** New events first. A rebuild may begin while the lease is held, so older rows are asked for with each renewal. */
  async #index(): Promise<boolean> {
    const { index } = this.#options;
    const changed = await index.changed(STEP_EVENTS);
    const unindexed = changed.entries.length > 0 || this.#hasReadAll ? changed : await index.older(STEP_EVENTS);
    this.#hasReadAll = unindexed === null || (this.#hasReadAll && changed.entries.length === 0);
    if (unindexed === null || (unindexed.entries.length === 0 && unindexed.range === null)) return false;
    if (!(await index.write(this.#token ?? 0, toWrite(unindexed)))) {
      this.#token = null;
      this.#renewedAt = Number.NEGATIVE_INFINITY;
    } else this.#documents.inc(unindexed.messages.length);
    return true;
  }

  async #countLag(): Promise<void> {
    const now = performance.now();
    if (now - this.#countedAt < LAG_EVERY_MS) return;
    const { lag, isComplete } = await this.#options.index.status(LAG_MAX);
    this.#lag = lag;
    this.#hasReadAll = isComplete;
    this.#countedAt = now;
  }

  async #leave(): Promise<void> {
    if (this.#token !== null) await this.#options.index.release(this.#token);
    this.#isReleased = true;
  }
}
