import { backoffMs, type Loop, pause, runLoop } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import type { WriterContext } from "./settings.ts";
import { ShardWriter } from "./shard-writer.ts";

/** Renewals in the lifetime of a lease. A writer without its share looks for free shards more often. */
const RENEWALS = 3;
const LOOKS = 10;

/**
 * The shards that this process writes. It acquires free shards up to its fair share, renews all leases in one call, and
 * releases a shard when it holds too many: one at a time, because a shard that changes hands has no writer for a
 * moment.
 */
export class Ownership implements Loop {
  readonly #context: WriterContext;
  readonly #ending = new AbortController();
  /** At most one per shard. */
  readonly #held = new Map<number, ShardWriter>();
  /** Includes writers that are done and still in a call. */
  readonly #running = new Map<ShardWriter, Promise<void>>();
  #isTroubled = false;
  #attempt = 0;

  constructor(context: WriterContext) {
    this.#context = context;
  }

  get isDone(): boolean {
    return this.#ending.signal.aborted;
  }

  get held(): readonly ShardWriter[] {
    return [...this.#held.values()];
  }

  get isTroubled(): boolean {
    return this.#isTroubled;
  }

  /** Acquires and releases nothing more. The shards held go on. */
  end(): void {
    this.#ending.abort();
  }

  /**
   * One after the other: the store deletes an owner with its last shard, and a race of two would hide which is the
   * last.
   */
  async finishAll(): Promise<void> {
    for (const shard of this.held) {
      shard.finish();
      await this.#running.get(shard);
    }
  }

  async endAll(): Promise<void> {
    for (const shard of this.held) shard.end();
    await Promise.all(this.#running.values());
  }

  async step(): Promise<void> {
    const { settings } = this.#context;
    await this.#renew();
    const isSettled = await this.#share();
    this.#isTroubled = false;
    this.#attempt = 0;
    await pause(settings.WRITER_LEASE_MS / (isSettled ? RENEWALS : LOOKS), this.#ending.signal);
  }

  /** After an outage the store may be in an older state: every shard asks for its position. */
  async recover(error: unknown): Promise<void> {
    if (!isUnavailable(error)) throw error;
    if (!this.#isTroubled) this.#context.logger.warn({ err: error }, "leases cannot be renewed, waiting");
    this.#isTroubled = true;
    for (const shard of this.#held.values()) shard.invalidate();
    await pause(backoffMs(this.#attempt++), this.#ending.signal);
  }

  async #renew(): Promise<void> {
    const { store, owner, settings } = this.#context;
    const asked = this.held.map(({ lease, offsets }) => ({ ...lease, offsets }));
    const kept = await store.shards.renew(owner, asked, settings.WRITER_LEASE_MS);
    for (const { shard, token, offsets } of asked) {
      const writer = this.#held.get(shard);
      // A writer with another token has acquired its lease again meanwhile.
      if (writer === undefined || writer.lease.token !== token) continue;
      const offset = kept.get(shard);
      if (offset !== undefined) {
        // The store may have been replaced by an older one between two renewals, without any call failing.
        if (![...offsets, ...writer.offsets].includes(offset)) writer.invalidate();
        continue;
      }
      this.#context.logger.warn({ shard, fence: token }, "lease lost");
      writer.end();
      this.#held.delete(shard);
    }
  }

  async #share(): Promise<boolean> {
    const { broker, store, owner, settings } = this.#context;
    const share = fairShare(broker.shards, await store.shards.owners());
    if (this.#held.size > share) this.held.at(-1)?.finish();
    // Two writers that look at the same time start at different shards.
    const first = Math.floor(Math.random() * broker.shards);
    for (let at = 0; at < broker.shards && this.#held.size < share && !this.isDone; at += 1) {
      const shard = (first + at) % broker.shards;
      if (this.#held.has(shard)) continue;
      const lease = await store.shards.acquire(shard, owner, settings.WRITER_LEASE_MS);
      if (lease !== null) this.#start(new ShardWriter(this.#context, lease));
    }
    return this.#held.size === share;
  }

  #start(writer: ShardWriter): void {
    const { shard, token } = writer.lease;
    this.#context.logger.info({ shard, fence: token }, "lease taken");
    this.#held.set(shard, writer);
    this.#running.set(writer, this.#run(writer));
  }

  async #run(writer: ShardWriter): Promise<void> {
    await runLoop(writer);
    const { shard } = writer.lease;
    if (this.#held.get(shard) === writer) this.#held.delete(shard);
    await writer.close();
    this.#running.delete(writer);
  }
}

/** Shards that a writer may hold: rounded up, so that every shard finds an owner. */
export function fairShare(shards: number, owners: number): number {
  return Math.ceil(shards / Math.max(1, owners));
}
