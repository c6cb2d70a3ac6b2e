import type { RoomEvent } from "@hubbub/protocol";
import type { Position } from "./room-cursor.ts";

/** Events that were given to the user and are not yet durable; at the bound the oldest are forgotten. */
const REMEMBERED_MAX = 4_096;

/**
 * Finds events that come a second time with another seq: what an epoch lost is offered again under the same id, and
 * numbered anew. Only events that were not durable can move.
 */
export class MovedEvents {
  readonly #at = new Map<string, Position>();

  /** The seq under which the event was given before, or undefined for a new one. Remembers the event. */
  before(event: RoomEvent): number | undefined {
    const earlier = this.at(event);
    this.remember(event);
    return earlier?.seq;
  }

  at(event: RoomEvent): Position | undefined {
    return this.#at.get(keyOf(event));
  }

  remember(event: RoomEvent): void {
    const key = keyOf(event);
    this.#at.delete(key);
    this.#at.set(key, { seq: event.seq, epoch: event.epoch });
    const [oldest] = this.#at.keys();
    if (this.#at.size > REMEMBERED_MAX && oldest !== undefined) this.#at.delete(oldest);
  }

  /** The listener holds nothing behind `seq`: what comes from there is new to it. */
  forgetBehind(seq: number): void {
    for (const [key, at] of this.#at) if (at.seq > seq) this.#at.delete(key);
  }

  durable(seq: number, epoch: number): void {
    for (const [key, at] of this.#at) {
      if (at.epoch === epoch && at.seq <= seq) this.#at.delete(key);
    }
  }
}

function keyOf({ by, id }: RoomEvent): string {
  return `${by.id}/${id}`;
}
