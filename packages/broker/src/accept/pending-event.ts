import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import { toRefusal } from "./refusals.ts";

export type EventRequest = Pick<AcceptRequest, "room" | "user" | "id" | "body">;
export type Accepted = Extract<AcceptResult, { state: "accepted" | "duplicate" }>;

/**
 * An event on its way into the log. The caller makes it; the same object then waits in a batch, is sent, and takes the
 * answer. One of `resolve` and `reject` is called, once, and must not throw.
 */
export interface PendingEvent {
  /** May be kept for longer than the event itself, until the event is durable. */
  readonly request: EventRequest;
  /** UTF-8 bytes of its body. */
  readonly bytes: number;
  /** Read when its batch leaves: true once an earlier event of the same sender was refused. It is refused as well then. */
  readonly isStale: boolean;
  /** How often the log could not number its room. Starts at 0; counted by `Recovery`. */
  tries: number;
  resolve(accepted: Accepted): void;
  /** `error`: a ProtocolError, or a bug. */
  reject(error: unknown): void;
}

/** Events and bytes of their bodies that wait in one process; one more is refused with `overloaded`. */
const PENDING_EVENTS_MAX = 20_000;
const PENDING_BYTES_MAX = 64 * 1_024 * 1_024;

/** Counts all events of a process that wait for their numbers, wherever they wait, and gives each its one answer. */
export class PendingEvents {
  #events = 0;
  #bytes = 0;

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#events >= PENDING_EVENTS_MAX || this.#bytes >= PENDING_BYTES_MAX;
  }

  add(event: PendingEvent): void {
    this.#events += 1;
    this.#bytes += event.bytes;
  }

  resolve(event: PendingEvent, accepted: Accepted): void {
    this.#remove(event);
    event.resolve(accepted);
  }

  reject(event: PendingEvent, error: unknown): void {
    this.#remove(event);
    event.reject(error);
  }

  rejectAll(events: readonly PendingEvent[], error: unknown): void {
    const refusal = toRefusal(error);
    for (const event of events) this.reject(event, refusal);
  }

  #remove(event: PendingEvent): void {
    this.#events -= 1;
    this.#bytes -= event.bytes;
  }
}
