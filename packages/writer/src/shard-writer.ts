import { BrokerUnavailable, type LogEntry, type ShardLog } from "@hubbub/broker";
import { isUnavailable, type Lease, LeaseLost } from "@hubbub/store";
import { backoffMs } from "./backoff.ts";
import { commit } from "./commit.ts";
import { headOf } from "./head.ts";
import { Intake } from "./intake.ts";
import type { Round } from "./loop.ts";
import { Marks } from "./marks.ts";
import { pause } from "./pause.ts";
import { untoldMarks } from "./remark.ts";
import { isSameLog, Sieve } from "./sieve.ts";
import { bisect, type Slice, toSlices } from "./slice.ts";
import { Trim } from "./trim.ts";
import type { WriterContext } from "./writer-context.ts";

type Trouble = "store" | "log" | "restored";

const RESTORED = "the database is older than the log remembers: run `hubbub adopt`";

/** What was committed is neither in the store nor in the log any more. Going on would hide it, and reuse its numbers. */
class StoreIsOlder extends Error {
  override readonly name = "StoreIsOlder";
}

/**
 * The writer of one shard: read, commit, mark, trim.
 *
 * The position in the log is committed with the rows and is the only truth. So whatever goes wrong with the store, the
 * answer is the same: forget what is in hand, take the lease anew, read again from where the store says it is. That
 * also serves when the outcome of a commit is unknown, and when the store has fallen back to an older state.
 */
export class ShardWriter implements Round {
  readonly #context: WriterContext;
  readonly #marks: Marks;
  readonly #finishing = new AbortController();
  readonly #ending = new AbortController();
  #lease: Lease;
  #log: ShardLog | null = null;
  #opened: { readonly intake: Intake; readonly trim: Trim } | null = null;
  #sieve: Sieve | null = null;
  /** Whether the next opening needs a sieve: until all that one was made for is committed, and when the store has moved. */
  #mustSift = true;
  /** A batch that the intake has given away and that is not cut into `#work` yet. */
  #taken: readonly LogEntry[] = [];
  /** The batch in hand, in the order of the log; at most as many slices as it has entries. */
  #work: Slice[] = [];
  #inStore: Slice | null = null;
  /** The offset of the last commit that was asked for: the store stands there, or where it stood before. */
  #asked: string;
  #isInDoubt = false;
  #trouble: Trouble | null = null;
  #attempt = 0;

  constructor(context: WriterContext, lease: Lease) {
    this.#context = context;
    this.#lease = lease;
    this.#asked = lease.offset;
    this.#marks = new Marks(context.broker, lease.shard, context.settings.MARK_INTERVAL_MS);
  }

  get isDone(): boolean {
    return this.#ending.signal.aborted;
  }

  get lease(): Lease {
    return this.#lease;
  }

  get lag(): number {
    return this.#opened?.trim.lag ?? 0;
  }

  /** What it waits for, in words for an operator. */
  get trouble(): string | null {
    if (this.#trouble === null) return null;
    return this.#trouble === "restored" ? RESTORED : `${this.#trouble} is away`;
  }

  /** Why it must not store at all, until an operator has acted. */
  get refusal(): string | null {
    return this.#trouble === "restored" ? RESTORED : null;
  }

  /** Commits what is in hand, tells the marks, gives the lease back and is done. */
  finish(): void {
    this.#finishing.abort();
  }

  /** Is done at once: nothing more is sent to the store. */
  end(): void {
    this.#ending.abort();
    this.#finishing.abort();
  }

  /** Asks the store for its position before the next commit. */
  doubt(): void {
    this.#isInDoubt = true;
  }

  async close(): Promise<void> {
    await this.#log?.[Symbol.asyncDispose]();
  }

  async step(): Promise<void> {
    if (this.#isInDoubt) return await this.#takeAnew();
    const { intake, trim } = this.#opened ?? (await this.#open());
    await this.#marks.publishIfDue();
    await trim.trimIfDue(this.#lease.offset);
    if (this.isDone || this.#isInDoubt) return;
    if (this.#taken.length > 0) await this.#sift();
    const slice = this.#work[0];
    if (slice !== undefined) return await this.#commit(slice, trim);
    if (this.#finishing.signal.aborted) return await this.#leave();
    this.#taken = await intake.next(this.#marks.dueInMs(), this.#finishing.signal);
    if (this.#taken.length === 0 || this.#trouble === "log") this.#calm();
  }

  async recover(error: unknown): Promise<void> {
    const slice = this.#inStore;
    this.#inStore = null;
    if (error instanceof LeaseLost) return this.doubt();
    if (error instanceof StoreIsOlder) {
      this.#isInDoubt = true;
      return await this.#wait("restored", error);
    }
    if (error instanceof BrokerUnavailable) return await this.#wait("log", error);
    if (isUnavailable(error)) {
      this.#isInDoubt = true;
      return await this.#wait("store", error);
    }
    if (slice === null) throw error;
    // Where no row is to blame nothing can be bisected: the shard waits, and its log keeps everything.
    if (slice.kind !== "run") return await this.#wait("store", error);
    this.#work.splice(0, 1, ...bisect(slice, error instanceof Error ? error.message : String(error)));
  }

  async #open() {
    const { broker, settings } = this.#context;
    this.#log ??= await broker.openLog(this.#lease.shard);
    const missing = await this.#log.missing(this.#lease.offset);
    if (missing > 0) throw new StoreIsOlder(RESTORED);
    for (const { room, seq } of await untoldMarks(broker, this.#log, this.#lease.offset)) this.#marks.add(room, seq);
    const intake = new Intake(this.#log, this.#lease.offset, settings.BATCH_GATHER_MAX_MS);
    this.#sieve = this.#mustSift ? await this.#newSieve(this.#log, this.#lease.offset) : null;
    this.#opened = { intake, trim: new Trim(this.#log) };
    return this.#opened;
  }

  /** Turns the batch into work. While a call of it fails the batch stays where it is, and the next step tries again. */
  async #sift(): Promise<void> {
    const batch = this.#taken;
    const last = batch.at(-1)?.offset ?? this.#lease.offset;
    if (this.#log !== null && !isSameLog(last, this.#lease.offset)) {
      this.#sieve = await this.#newSieve(this.#log, "", batch.length);
    }
    const slices = toSlices(batch);
    const work = this.#sieve === null ? slices : await this.#sieve.sift(slices);
    this.#work = work;
    this.#taken = [];
  }

  /** For all that the log holds behind `offset`, and `more` entries that may be of an earlier log. */
  async #newSieve(log: ShardLog, offset: string, more = 0): Promise<Sieve> {
    return new Sieve(this.#context.store.events.stored, (await log.lag(offset)) + more);
  }

  async #takeAnew(): Promise<void> {
    const { store, owner, settings } = this.#context;
    this.#isInDoubt = false;
    const lease = await store.shards.acquire(this.#lease.shard, owner, settings.WRITER_LEASE_MS);
    if (lease === null) return this.#lose();
    const isWhereItWas = lease.offset === this.#lease.offset;
    // A store that stands where nobody has led it has fallen back, or its log is another: rows of pending marks may be gone.
    if (!isWhereItWas && lease.offset !== this.#asked) this.#marks.clear();
    if (!isWhereItWas) this.#mustSift = true;
    this.#lease = lease;
    this.#asked = lease.offset;
    this.#taken = [];
    this.#work = [];
    // A commit whose answer was lost has left marks untold, as a predecessor may have.
    this.#opened = null;
  }

  async #commit(slice: Slice, trim: Trim): Promise<void> {
    this.#inStore = slice;
    this.#asked = slice.entries.at(-1)?.offset ?? this.#lease.offset;
    const offset = await commit(this.#context, this.#lease, slice);
    this.#inStore = null;
    this.#lease = { ...this.#lease, offset };
    this.#work.shift();
    if (this.#work.length === 0) this.#mustSift = this.#sieve?.isDone === false;
    for (const { frame } of slice.kind === "skipped" ? [] : slice.entries) {
      const head = headOf(frame);
      if (head !== null) this.#marks.add(head.room, head.seq);
    }
    trim.committed(slice.entries.length);
    this.#calm();
  }

  async #leave(): Promise<void> {
    await this.#marks.publish();
    await this.#context.store.shards.release(this.#context.owner, this.#lease);
    this.end();
  }

  #lose(): void {
    this.#context.log.warn({ shard: this.#lease.shard, fence: this.#lease.token }, "lease lost");
    this.end();
  }

  /** Who is leaving does not wait for the store: the log keeps what is not committed, and the lease runs out. */
  async #wait(trouble: Trouble, error: unknown): Promise<void> {
    const { log, meters } = this.#context;
    const isLeaving = this.#finishing.signal.aborted;
    const told = trouble === "restored" ? RESTORED : `${trouble} is away, waiting`;
    if (this.#trouble !== trouble) log.warn({ shard: this.#lease.shard, err: error }, told);
    this.#trouble = trouble;
    meters.retries.inc({ cause: trouble });
    if (isLeaving && trouble !== "log") return this.end();
    await pause(backoffMs(this.#attempt++), isLeaving ? this.#ending.signal : this.#finishing.signal);
  }

  #calm(): void {
    if (this.#trouble !== null)
      this.#context.log.info(
        { shard: this.#lease.shard },
        this.#trouble === "restored" ? "the store is as new as the log" : `${this.#trouble} is back`,
      );
    this.#trouble = null;
    this.#attempt = 0;
  }
}
