import type { ShardLogs } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";

/** Marks of one call. */
const MARKS_PER_CALL = 1_000;

/**
 * The durable marks of a shard that are not published yet. A mark stays here until the broker has taken it, so no mark
 * is lost while the writer lives. A later mark of the same room replaces it. Bounded by the rooms of two batches: while
 * the broker cannot be reached nothing is read, and so nothing is committed.
 */
export class Marks {
  readonly #broker: ShardLogs;
  readonly #shard: number;
  readonly #intervalMs: number;
  readonly #pending = new Map<RoomId, number>();
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(broker: ShardLogs, shard: number, intervalMs: number) {
    this.#broker = broker;
    this.#shard = shard;
    this.#intervalMs = intervalMs;
  }

  add(room: RoomId, seq: number): void {
    const known = this.#pending.get(room);
    if (known === undefined || known < seq) this.#pending.set(room, seq);
  }

  /** For a store that has lost rows. `unpublishedMarks` finds the marks of the rows that it still has. */
  clear(): void {
    this.#pending.clear();
  }

  /** Infinity while there is nothing to publish. */
  dueInMs(): number {
    if (this.#pending.size === 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#publishedAt + this.#intervalMs - performance.now());
  }

  async publishIfDue(): Promise<void> {
    if (this.dueInMs() === 0) await this.publish();
  }

  /** @throws BrokerUnavailable; marks that were not published stay here */
  async publish(): Promise<void> {
    while (this.#pending.size > 0) {
      const marks = [...this.#pending].slice(0, MARKS_PER_CALL).map(([room, seq]) => ({ room, seq }));
      await this.#broker.publishMarks(this.#shard, marks);
      for (const { room, seq } of marks) if (this.#pending.get(room) === seq) this.#pending.delete(room);
      this.#publishedAt = performance.now();
    }
  }
}
