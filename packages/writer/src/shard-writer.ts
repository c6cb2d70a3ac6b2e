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
  /** A batch that the intake has given away and the sieve has not seen yet. Emptied only when its slices are in `#work`. */
  #taken: readonly LogEntry[] = [];
  /** The batch in hand, in the order of the log; at most as many slices as it has entries. */
  #work: Slice[] = [];
  #inStore: Slice | null = null;
  #isInDoubt = false;
  #trouble: Trouble | null = null;
  #attempt = 0;

  constructor(context: WriterContext, lease: Lease) {
    this.#context = context;
    this.#lease = lease;
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
    if (this.#isInDoubt && this.#opened === null) return await this.#takeAnew();
    const { intake, trim } = this.#opened ?? (await this.#open());
    await this.#marks.publishIfDue();
    await trim.trimIfDue(this.#lease.offset);
    if (this.isDone) return;
    if (this.#isInDoubt) return await this.#takeAnew();
    const slice = this.#work[0];
    if (slice !== undefined) return await this.#commit(slice, trim);
    if (this.#taken.length > 0) return await this.#sift();
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
    // A burial that is refused is not the entry's fault: the shard waits, and its log keeps everything.
    if (slice.kind === "poison") return await this.#wait("store", error);
    this.#work.splice(0, 1, ...bisect(slice, error instanceof Error ? error.message : String(error)));
  }

  async #open() {
    const { broker, settings } = this.#context;
    this.#log ??= await broker.openLog(this.#lease.shard);
    const missing = await this.#log.missing(this.#lease.offset);
    if (missing > 0) throw new StoreIsOlder(RESTORED);
    for (const { room, seq } of await untoldMarks(broker, this.#log, this.#lease.offset)) this.#marks.add(room, seq);
    const intake = new Intake(this.#log, this.#lease.offset, settings.BATCH_GATHER_MAX_MS);
    const isUnread = this.#lease.offset === (await broker.logStart(this.#lease.shard));
    this.#sieve = isUnread || this.#sieve?.isDone === false ? await this.#newSieve() : null;
    this.#opened = { intake, trim: new Trim(this.#log) };
    return this.#opened;
  }

  /** Turns the batch that was taken into work. After an error the batch is still there, for the next step. */
  async #sift(): Promise<void> {
    const first = this.#taken[0];
    if (first !== undefined && !isSameLog(first.offset, this.#lease.offset)) this.#sieve = await this.#newSieve();
    const slices = toSlices(this.#taken);
    this.#work = this.#sieve === null ? slices : await this.#sieve.sift(slices);
    this.#taken = [];
  }

  async #newSieve(): Promise<Sieve> {
    return new Sieve(this.#context.store.events.stored, (await this.#log?.lag("")) ?? 0);
  }

  async #takeAnew(): Promise<void> {
    const { store, owner, settings } = this.#context;
    this.#isInDoubt = false;
    const lease = await store.shards.acquire(this.#lease.shard, owner, settings.WRITER_LEASE_MS);
    if (lease === null) return this.#lose();
    this.#lease = lease;
    this.#taken = [];
    this.#work = [];
    // A commit whose answer was lost has left marks untold, as a predecessor may have.
    this.#opened = null;
  }

  async #commit(slice: Slice, trim: Trim): Promise<void> {
    this.#inStore = slice;
    const offset = await commit(this.#context, this.#lease, slice);
    this.#inStore = null;
    this.#lease = { ...this.#lease, offset };
    this.#work.shift();
    for (const { frame } of slice.entries) {
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
    this.#context.log.warn({ shard: this.#lease.shard, token: this.#lease.token }, "lease lost");
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
