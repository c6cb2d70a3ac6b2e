import type { LogEntry, ShardLog } from "@hubbub/broker";
import type { Loop } from "@hubbub/runtime";
import type { Lease } from "@hubbub/store";
import { AfterCommit } from "./after-commit.ts";
import { BatchReader } from "./batch-reader.ts";
import { Marks } from "./marks.ts";
import { isRefusal, isStoreInDoubt, Outage, StoreIsOlder } from "./recovery/outage.ts";
import { reacquire } from "./recovery/reacquire.ts";
import { bisect, commitWithoutEvents } from "./recovery/refused-slice.ts";
import { ReplayFilter } from "./recovery/replay-filter.ts";
import { unpublishedMarks } from "./recovery/unpublished-marks.ts";
import type { WriterContext } from "./settings.ts";
import { rowsOf, type Slice, toSlices } from "./slice.ts";
import { Trim } from "./trim.ts";

/** What follows from one position in the store. */
interface Opened {
  readonly log: ShardLog;
  readonly reader: BatchReader;
  readonly trim: Trim;
  /** A batch that was read and is not cut into `work` yet. */
  batch: readonly LogEntry[];
  /** The batch to commit, in the order of the log; at most as many slices as entries. */
  work: Slice[];
}

/**
 * The writer of one shard: read, commit, publish marks, trim.
 *
 * The position in the log is committed with the rows and is the only truth. So every problem with the store has one
 * answer: drop the batch in memory, acquire the lease again, read again from the position in the store. This also
 * covers a commit whose outcome is unknown, and a store that has fallen back to an older state.
 */
export class ShardWriter implements Loop {
  readonly outage: Outage;
  readonly #context: WriterContext;
  readonly #marks: Marks;
  readonly #deleted: AfterCommit;
  readonly #replays: ReplayFilter;
  readonly #finishing = new AbortController();
  readonly #ending = new AbortController();
  #lease: Lease;
  #log: ShardLog | null = null;
  #opened: Opened | null = null;
  #committing: Slice | null = null;
  /** The offset of the last attempted commit: the store stands there, or at the offset before. */
  #attempted: string;
  #isInvalid = false;

  constructor(context: WriterContext, lease: Lease) {
    this.#context = context;
    this.#lease = lease;
    this.#attempted = lease.offset;
    this.#marks = new Marks(context.broker, lease.shard, context.settings.MARK_INTERVAL_MS);
    this.#deleted = new AfterCommit(context.broker, lease.shard);
    this.#replays = new ReplayFilter(context.store.events);
    const [{ shard }, finishing, ending] = [lease, this.#finishing.signal, this.#ending];
    this.outage = new Outage({ context, shard, finishing, ending });
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
    this.#opened ??= await this.#open();
    const opened = this.#opened;
    await this.#marks.publishIfDue();
    await this.#deleted.drop();
    await opened.trim.trimIfDue(this.#lease.offset);
    if (this.isDone || this.#isInvalid) return;
    if (opened.batch.length > 0) {
      // When this fails, the batch stays where it is and the next step tries again.
      await this.#replays.follow(opened.log, opened.batch, this.#lease.offset);
      opened.work = await this.#replays.filter(toSlices(opened.batch), this.#lease);
      opened.batch = [];
    }
    const slice = opened.work[0];
    if (slice !== undefined) return await this.#commit(slice, opened);
    if (this.#finishing.signal.aborted) return await this.#leave();
    opened.batch = await opened.reader.next(this.#marks.dueInMs(), this.#finishing.signal);
    if (opened.batch.length === 0 || this.outage.isOfLog) this.outage.clear();
  }

  async recover(error: unknown): Promise<void> {
    const slice = this.#committing;
    this.#committing = null;
    if (isStoreInDoubt(error)) this.invalidate();
    if (!isRefusal(error)) return await this.outage.wait(error);
    if (slice === null) throw error;
    if (slice.kind !== "run") return await this.outage.wait(error);
    this.#opened?.work.splice(0, 1, ...bisect(slice, error));
  }

  async #open(): Promise<Opened> {
    const [{ broker, settings }, { shard, offset }] = [this.#context, this.#lease];
    const log = this.#log ?? (await broker.openLog(shard));
    this.#log = log;
    if ((await log.missing(offset)) > 0) throw new StoreIsOlder();
    // A commit whose answer was lost leaves marks unpublished, as a previous owner may.
    const { marks, emptied } = await unpublishedMarks(broker, log, offset);
    for (const { room, seq } of marks) this.#marks.add(room, seq);
    this.#deleted.add(emptied);
    await this.#replays.open(log, offset);
    const reader = new BatchReader(log, offset, settings.BATCH_GATHER_MAX_MS);
    return { log, reader, trim: new Trim(log), batch: [], work: [] };
  }

  async #reacquire(): Promise<void> {
    this.#isInvalid = false;
    const parts = { marks: this.#marks, deleted: this.#deleted, replays: this.#replays };
    const lease = await reacquire(this.#context, { lease: this.#lease, attempted: this.#attempted, ...parts });
    if (lease === null) return this.end();
    this.#lease = lease;
    this.#attempted = lease.offset;
    this.#opened = null;
  }

  async #commit(slice: Slice, { work, trim }: Opened): Promise<void> {
    const offset = slice.entries.at(-1)?.offset ?? this.#lease.offset;
    this.#committing = slice;
    this.#attempted = offset;
    await this.#write(slice, offset);
    this.#committing = null;
    this.#lease = { ...this.#lease, offset };
    work.shift();
    if (work.length === 0) this.#replays.committed();
    for (const { room, seq } of rowsOf(slice)) this.#marks.add(room, seq);
    this.#deleted.stored(rowsOf(slice));
    trim.committed(slice.entries.length);
    this.outage.clear();
  }

  /** One transaction: the rows and the offset of the lease. */
  async #write(slice: Slice, offset: string): Promise<void> {
    const { store, meters } = this.#context;
    const batch = { lease: this.#lease, offset };
    if (slice.kind !== "run") return await commitWithoutEvents(this.#context, batch, slice);
    const stop = meters.batchSeconds.startTimer();
    this.#deleted.add(await store.events.append({ ...batch, events: slice.events }));
    stop();
    meters.batchRows.observe(slice.events.length);
    meters.rows.inc(slice.events.length);
    meters.commitDelay.observe(Math.max(0, Date.now() - (slice.events[0]?.at ?? Date.now())) / 1_000);
  }

  async #leave(): Promise<void> {
    await this.#marks.publish();
    await this.#deleted.drop();
    await this.#context.store.shards.release(this.#context.owner, this.#lease);
    this.end();
  }
}
