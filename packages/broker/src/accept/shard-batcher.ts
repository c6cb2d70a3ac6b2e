import type { RoomId } from "@hubbub/protocol";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import type { BatchPace } from "./batch-pace.ts";

export type Accepted = Extract<AcceptResult, { state: "accepted" | "duplicate" }>;

/** Who waits for the numbers of an event: one of both is called, once, and must not throw. */
export interface Waiter {
  /** Asked when its batch leaves: true once an earlier event of the same sender was refused. It is refused as well then. */
  readonly isStale?: boolean;
  resolve(accepted: Accepted): void;
  reject(error: unknown): void;
}

/** An event on its way into the log, with the caller that waits for its numbers. */
export interface Pending extends Waiter {
  readonly request: Omit<AcceptRequest, "seen">;
  /** UTF-8 bytes of its body. */
  readonly bytes: number;
  /** How often its room was found uninitialised. */
  tries: number;
}

/** Events of one call of the log, and bytes of their bodies: at either bound the batch is closed. */
const BATCH_MAX = 256;
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
 * gathers: batches grow as the load does, and an event never overtakes another of its room.
 */
export class ShardBatcher {
  readonly #send: (batch: readonly Pending[]) => Promise<void>;
  readonly #pace: BatchPace;
  /** Bounded by the Acceptor, which owns all batchers. */
  #waiting: Pending[] = [];
  #underWay = false;
  #scheduled = false;

  constructor(pace: BatchPace, send: (batch: readonly Pending[]) => Promise<void>) {
    this.#pace = pace;
    this.#send = send;
  }

  push(events: readonly Pending[]): void {
    this.#waiting.push(...events);
    if (this.#underWay) return;
    if (this.#waiting.length >= BATCH_MAX) this.#leave();
    else if (!this.#scheduled) this.#schedule();
  }

  /** Takes out what waits for these rooms. */
  extract(rooms: ReadonlyMap<RoomId, unknown>): readonly Pending[] {
    const taken = this.#waiting.filter(({ request }) => rooms.has(request.room));
    if (taken.length > 0) this.#waiting = this.#waiting.filter(({ request }) => !rooms.has(request.room));
    return taken;
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#pace.schedule(() => {
      this.#scheduled = false;
      if (!this.#underWay) this.#leave();
    });
  }

  #leave(): void {
    const batch = this.#waiting.splice(0, batchLength(this.#waiting));
    if (batch.length === 0) return;
    this.#underWay = true;
    // `send` answers every event of the batch; a rejection is a bug and ends the process.
    void this.#send(batch).finally(() => {
      this.#underWay = false;
      if (!this.#pace.isHot || this.#waiting.length >= BATCH_MAX) this.#leave();
      else if (this.#waiting.length > 0 && !this.#scheduled) this.#schedule();
    });
  }
}
