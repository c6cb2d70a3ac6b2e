import { BrokerUnavailable, type LogEntry, type ShardLog } from "@hubbub/broker";
import { backoffMs, type Loop, pause } from "@hubbub/runtime";
import { isUnavailable, type Lease, LeaseLost } from "@hubbub/store";
import { BatchReader } from "./batch-reader.ts";
import { Marks } from "./marks.ts";
import { isSameLog, ReplayFilter } from "./recovery/replay-filter.ts";
import { unpublishedMarks } from "./recovery/unpublished-marks.ts";
import type { WriterContext } from "./settings.ts";
import { bisect, rowsOf, type Slice, toSlices } from "./slice.ts";
import { Trim } from "./trim.ts";

type Trouble = "store" | "log" | "restored";

const RESTORED = "the database is older than the log remembers: run `hubbub adopt`";

/**
 * Committed events are neither in the store nor in the log any more. Writing on would hide the loss and reuse their
 * numbers.
 */
class StoreIsOlder extends Error {
  override readonly name = "StoreIsOlder";
}

/**
 * The writer of one shard: read, commit, publish marks, trim.
 *
 * The position in the log is committed with the rows and is the only truth. So every problem with the store has one
 * answer: drop the batch in memory, acquire the lease again, read again from the position in the store. This also
 * covers a commit whose outcome is unknown, and a store that has fallen back to an older state.
 */
export class ShardWriter implements Loop {
  readonly #context: WriterContext;
  readonly #marks: Marks;
  readonly #finishing = new AbortController();
  readonly #ending = new AbortController();
  #lease: Lease;
  #log: ShardLog | null = null;
  #opened: { readonly reader: BatchReader; readonly trim: Trim } | null = null;
  #filter: ReplayFilter | null = null;
  /**
   * Whether the next opening needs a filter: until all entries of the last filter are committed, and when the store
   * moved.
   */
  #needsFilter = true;
  /** A batch that was read and is not cut into `#work` yet. */
  #batch: readonly LogEntry[] = [];
  /** The batch to commit, in the order of the log; at most as many slices as entries. */
  #work: Slice[] = [];
  #committing: Slice | null = null;
  /** The offset of the last attempted commit: the store stands there, or at the offset before. */
  #attempted: string;
  #isInvalid = false;
  #trouble: Trouble | null = null;
  #attempt = 0;

  constructor(context: WriterContext, lease: Lease) {
    this.#context = context;
    this.#lease = lease;
    this.#attempted = lease.offset;
    this.#marks = new Marks(context.broker, lease.shard, context.settings.MARK_INTERVAL_MS);
  }

  get isDone(): boolean {
    return this.#ending.signal.aborted;
  }

  get lease(): Lease {
    return this.#lease;
  }

  /** Where the store may stand: at the last commit that was answered, or at the one under way. */
  get offsets(): readonly string[] {
    return [this.#lease.offset, this.#attempted];
  }

  get lag(): number {
    return this.#opened?.trim.lag ?? 0;
  }

  /** What it waits for, as text for an operator. */
  get trouble(): string | null {
    if (this.#trouble === null) return null;
    return this.#trouble === "restored" ? RESTORED : `${this.#trouble} is away`;
  }

  /** Why it must not store anything until an operator acts. */
  get refusal(): string | null {
    return this.#trouble === "restored" ? RESTORED : null;
  }

  /** Commits the batch in memory, publishes the marks, releases the lease; then it is done. */
  finish(): void {
    this.#finishing.abort();
  }

  /** Done at once: nothing more is sent to the store. */
  end(): void {
    this.#ending.abort();
    this.#finishing.abort();
  }

  /** Before the next commit the writer asks the store for its position. */
  invalidate(): void {
    this.#isInvalid = true;
  }

  async close(): Promise<void> {
    await this.#log?.[Symbol.asyncDispose]();
  }

  async step(): Promise<void> {
    if (this.#isInvalid) return await this.#reacquire();
    const { reader, trim } = this.#opened ?? (await this.#open());
    await this.#marks.publishIfDue();
    await trim.trimIfDue(this.#lease.offset);
    if (this.isDone || this.#isInvalid) return;
    if (this.#batch.length > 0) await this.#cut();
    const slice = this.#work[0];
    if (slice !== undefined) return await this.#commit(slice, trim);
    if (this.#finishing.signal.aborted) return await this.#leave();
    this.#batch = await reader.next(this.#marks.dueInMs(), this.#finishing.signal);
    if (this.#batch.length === 0 || this.#trouble === "log") this.#clearOutage();
  }

  async recover(error: unknown): Promise<void> {
    const slice = this.#committing;
    this.#committing = null;
    if (error instanceof LeaseLost) return this.invalidate();
    if (error instanceof StoreIsOlder) {
      this.#isInvalid = true;
      return await this.#wait("restored", error);
    }
    if (error instanceof BrokerUnavailable) return await this.#wait("log", error);
    if (isUnavailable(error)) {
      this.#isInvalid = true;
      return await this.#wait("store", error);
    }
    if (slice === null) throw error;
    // Without a row to blame there is nothing to bisect: the shard waits, and its log keeps everything.
    if (slice.kind !== "run") return await this.#wait("store", error);
    this.#work.splice(0, 1, ...bisect(slice, error instanceof Error ? error.message : String(error)));
  }

  async #open() {
    const { broker, settings } = this.#context;
    this.#log ??= await broker.openLog(this.#lease.shard);
    const missing = await this.#log.missing(this.#lease.offset);
    if (missing > 0) throw new StoreIsOlder(RESTORED);
    for (const { room, seq } of await unpublishedMarks(broker, this.#log, this.#lease.offset))
      this.#marks.add(room, seq);
    const reader = new BatchReader(this.#log, this.#lease.offset, settings.BATCH_GATHER_MAX_MS);
    this.#filter = this.#needsFilter ? await this.#newFilter(this.#log, this.#lease.offset) : null;
    this.#opened = { reader, trim: new Trim(this.#log) };
    return this.#opened;
  }

  /** Turns the batch into work. When a call fails the batch stays where it is, and the next step tries again. */
  async #cut(): Promise<void> {
    const batch = this.#batch;
    const last = batch.at(-1)?.offset ?? this.#lease.offset;
    if (this.#log !== null && !isSameLog(last, this.#lease.offset)) {
      this.#filter = await this.#newFilter(this.#log, "", batch.length);
    }
    const slices = toSlices(batch);
    const work = this.#filter === null ? slices : await this.#filter.filter(slices);
    this.#work = work;
    this.#batch = [];
  }

  /** For all entries of the log behind `offset`, and `more` entries that may belong to an earlier log. */
  async #newFilter(log: ShardLog, offset: string, more = 0): Promise<ReplayFilter> {
    return new ReplayFilter(this.#context.store.events.stored, (await log.lag(offset)) + more);
  }

  async #reacquire(): Promise<void> {
    const { store, owner, settings } = this.#context;
    this.#isInvalid = false;
    const lease = await store.shards.acquire(this.#lease.shard, owner, settings.WRITER_LEASE_MS);
    if (lease === null) return this.#lose();
    const isWhereItWas = lease.offset === this.#lease.offset;
    // A store at a position that this writer did not commit has fallen back, or has another log: rows of pending marks
    // may be gone.
    if (!isWhereItWas && lease.offset !== this.#attempted) this.#marks.clear();
    if (!isWhereItWas) this.#needsFilter = true;
    this.#lease = lease;
    this.#attempted = lease.offset;
    this.#batch = [];
    this.#work = [];
    // A commit whose answer was lost has left marks unpublished, as a previous owner may have.
    this.#opened = null;
  }

  async #commit(slice: Slice, trim: Trim): Promise<void> {
    const offset = slice.entries.at(-1)?.offset ?? this.#lease.offset;
    this.#committing = slice;
    this.#attempted = offset;
    await this.#write(slice, offset);
    this.#committing = null;
    this.#lease = { ...this.#lease, offset };
    this.#work.shift();
    if (this.#work.length === 0) this.#needsFilter = this.#filter?.isDone === false;
    for (const { room, seq } of rowsOf(slice)) this.#marks.add(room, seq);
    trim.committed(slice.entries.length);
    this.#clearOutage();
  }

  /** One transaction: the rows of a run, a dead letter, or no rows; and the offset of the lease. */
  async #write(slice: Slice, offset: string): Promise<void> {
    const { store, meters, logger } = this.#context;
    const batch = { lease: this.#lease, offset };
    if (slice.kind === "skipped") return await store.events.append({ ...batch, events: [] });
    if (slice.kind === "run") {
      const stop = meters.batchSeconds.startTimer();
      await store.events.append({ ...batch, events: slice.events });
      stop();
      meters.batchRows.observe(slice.events.length);
      meters.rows.inc(slice.events.length);
      return;
    }
    const [{ frame }] = slice.entries;
    await store.events.deadLetter(batch, { offset, frame, error: slice.error });
    meters.deadLetters.inc();
    logger.error({ shard: this.#lease.shard, offset, reason: slice.error }, "entry moved to dead letters");
  }

  async #leave(): Promise<void> {
    await this.#marks.publish();
    await this.#context.store.shards.release(this.#context.owner, this.#lease);
    this.end();
  }

  #lose(): void {
    this.#context.logger.warn({ shard: this.#lease.shard, fence: this.#lease.token }, "lease lost");
    this.end();
  }

  /** A leaving writer does not wait for the store: the log keeps what is not committed, and the lease expires. */
  async #wait(trouble: Trouble, error: unknown): Promise<void> {
    const { logger, meters } = this.#context;
    const isLeaving = this.#finishing.signal.aborted;
    const message = trouble === "restored" ? RESTORED : `${trouble} is away, waiting`;
    if (this.#trouble !== trouble) logger.warn({ shard: this.#lease.shard, err: error }, message);
    this.#trouble = trouble;
    meters.retries.inc({ cause: trouble });
    if (isLeaving && trouble !== "log") return this.end();
    await pause(backoffMs(this.#attempt++), isLeaving ? this.#ending.signal : this.#finishing.signal);
  }

  #clearOutage(): void {
    if (this.#trouble !== null)
      this.#context.logger.info(
        { shard: this.#lease.shard },
        this.#trouble === "restored" ? "the store is as new as the log" : `${this.#trouble} is back`,
      );
    this.#trouble = null;
    this.#attempt = 0;
  }
}
