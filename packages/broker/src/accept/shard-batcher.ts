import type { RoomId } from "@hubbub/protocol";
import type { BatchPace } from "./batch-pace.ts";
import type { PendingEvent } from "./pending-event.ts";

/**
 * Events of one call of the log, and bytes of their bodies: at either bound the batch is closed. An overloaded event loop
 * takes long for one turn, and one batch of each shard leaves in a turn: a small bound would bound what it can accept.
 */
const BATCH_MAX = 1_024;
const BATCH_BYTES_MAX = 1_048_576;

/** How many of `events` from `from` on one call takes; at least one, if there is one. */
export function batchLength(events: readonly { readonly bytes: number }[], from = 0): number {
  let bytes = 0;
  let to = from;
  while (to < events.length && to - from < BATCH_MAX && bytes < BATCH_BYTES_MAX) bytes += events[to++]?.bytes ?? 0;
  return to - from;
}

/**
 * The events of one shard in their order, at most one batch of them under way. While the log answers, the next batch
 * gathers: batches grow with the load, and an event never overtakes another of its room.
 */
export class ShardBatcher {
  /** Answers every event of the batch; a rejection is a bug and ends the process. */
  readonly #send: (batch: readonly PendingEvent[]) => Promise<void>;
  readonly #pace: BatchPace;
  /** Bounded by `PendingEvents`. */
  #waiting: PendingEvent[] = [];
  #isUnderWay = false;
  #isScheduled = false;
  /** At most one for each room that recovery looks at. */
  #whenAnswered: (() => void)[] = [];

  constructor(pace: BatchPace, send: (batch: readonly PendingEvent[]) => Promise<void>) {
    this.#pace = pace;
    this.#send = send;
  }

  push(event: PendingEvent): void {
    this.#waiting.push(event);
    this.#proceed();
  }

  pushAll(events: readonly PendingEvent[]): void {
    this.#waiting.push(...events);
    this.#proceed();
  }

  /** Takes out what waits for these rooms. */
  extract(rooms: ReadonlyMap<RoomId, unknown>): PendingEvent[] {
    const extracted = this.#waiting.filter(({ request }) => rooms.has(request.room));
    if (extracted.length > 0) this.#waiting = this.#waiting.filter(({ request }) => !rooms.has(request.room));
    return extracted;
  }

  /** Runs `run` when the batch under way is answered and before the next one leaves; at once when there is none. */
  whenAnswered(run: () => void): void {
    if (this.#isUnderWay) this.#whenAnswered.push(run);
    else run();
  }

  #proceed(): void {
    if (this.#isUnderWay) return;
    if (this.#waiting.length >= BATCH_MAX) this.#leave();
    else if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    this.#pace.schedule(() => {
      this.#isScheduled = false;
      if (!this.#isUnderWay) this.#leave();
    });
  }

  #leave(): void {
    const batch = this.#waiting.splice(0, batchLength(this.#waiting));
    if (batch.length === 0) return;
    this.#isUnderWay = true;
    void this.#send(batch).finally(() => this.#answered());
  }

  #answered(): void {
    if (this.#whenAnswered.length > 0) for (const run of this.#whenAnswered.splice(0)) run();
    this.#isUnderWay = false;
    if (!this.#pace.isHot || this.#waiting.length >= BATCH_MAX) this.#leave();
    else if (this.#waiting.length > 0 && !this.#isScheduled) this.#schedule();
  }
}
