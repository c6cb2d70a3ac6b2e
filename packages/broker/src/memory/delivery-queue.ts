import type { RoomId, UserId } from "@hubbub/protocol";
import type { BrokerListener, ControlMessage } from "../roles/deliveries.ts";

type Delivery = { readonly room: RoomId | UserId; readonly frame: Buffer } | { readonly control: ControlMessage };

/**
 * Delivers in the order of the log and after the call that caused the delivery: as with Redis, the listener is never called
 * within `accept`. Bounded by the events that one turn of the event loop accepts and commits.
 */
export class DeliveryQueue {
  readonly #waiting: Delivery[] = [];
  /** Subscriptions per room; bounded by the rooms that connections have open. */
  readonly #refs = new Map<RoomId | UserId, number>();
  #listener: BrokerListener | undefined;

  listen(listener: BrokerListener): void {
    if (this.#listener !== undefined) throw new Error("the broker has its listener");
    this.#listener = listener;
  }

  subscribe(room: RoomId | UserId): void {
    if (this.#listener === undefined) throw new Error("listen before the first subscribe");
    this.#refs.set(room, (this.#refs.get(room) ?? 0) + 1);
  }

  unsubscribe(room: RoomId | UserId): void {
    const refs = this.#refs.get(room) ?? 0;
    if (refs === 0) throw new Error("unsubscribed more often than subscribed");
    if (refs === 1) this.#refs.delete(room);
    else this.#refs.set(room, refs - 1);
  }

  isSubscribed(room: RoomId): boolean {
    return this.#refs.has(room);
  }

  push(delivery: Delivery): void {
    if (this.#waiting.push(delivery) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    for (const delivery of this.#waiting.splice(0)) {
      if ("control" in delivery) this.#listener?.control(delivery.control);
      else if (this.#refs.has(delivery.room)) this.#listener?.deliver(delivery.room, delivery.frame);
    }
  }
}
