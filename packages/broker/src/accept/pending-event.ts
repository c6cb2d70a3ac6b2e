import { ProtocolError } from "@hubbub/protocol";
import type { AcceptRequest } from "../roles/room-log.ts";
import type { Accepted, Pending, Waiter } from "./shard-batcher.ts";

/** Events and bytes of their bodies waiting in one process; one more is refused with `overloaded`. */
const WAITING_EVENTS_MAX = 20_000;
const WAITING_BYTES_MAX = 64 * 1_024 * 1_024;
/** How often one event may find its room without the numbering it knows before it is refused with `unavailable`. */
const RESTARTED_MAX = 4;

export type Request = Pick<AcceptRequest, "room" | "user" | "id" | "body">;

interface Counts {
  events: number;
  bytes: number;
}

/** All that waits for its numbers, wherever it does. */
export class Waiting {
  readonly #counts: Counts = { events: 0, bytes: 0 };

  get events(): number {
    return this.#counts.events;
  }

  get bytes(): number {
    return this.#counts.bytes;
  }

  get isFull(): boolean {
    return this.events >= WAITING_EVENTS_MAX || this.bytes >= WAITING_BYTES_MAX;
  }

  /** Counts until `waiter` is told. */
  take(request: Request, waiter: Waiter): Pending {
    return new Taking(request, waiter, this.#counts);
  }
}

class Taking implements Pending {
  readonly request: Request;
  readonly bytes: number;
  tries = 0;
  readonly #waiter: Waiter;
  readonly #counts: Counts;

  constructor(request: Request, waiter: Waiter, counts: Counts) {
    this.request = request;
    this.bytes = Buffer.byteLength(request.body);
    this.#waiter = waiter;
    this.#counts = counts;
    counts.events += 1;
    counts.bytes += this.bytes;
  }

  get isStale(): boolean {
    return this.#waiter.isStale ?? false;
  }

  resolve(accepted: Accepted): void {
    this.#leave();
    this.#waiter.resolve(accepted);
  }

  reject(error: unknown): void {
    this.#leave();
    this.#waiter.reject(error);
  }

  #leave(): void {
    this.#counts.events -= 1;
    this.#counts.bytes -= this.bytes;
  }
}

/** false: its room was found without a numbering too often, and its waiter has been told. */
export function mayTryAgain(pending: Pending): boolean {
  pending.tries += 1;
  if (pending.tries <= RESTARTED_MAX) return true;
  pending.reject(new ProtocolError("unavailable", "the room could not be numbered"));
  return false;
}
