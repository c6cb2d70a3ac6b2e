import type { ClientFrameOf, EventId, RoomEvent, UserId } from "@hubbub/protocol";
import type { Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";

/** Events of one room whose sender still waits; at the bound `add` throws `outbox_full`. */
export const OUTBOX_MAX = 1_000;
/**
 * Events that were acked to their sender and are watched until they are durable, so that an epoch change cannot lose
 * them. At the bound the oldest is no longer watched: the gateway that took it watches too.
 */
export const WATCHED_MAX = 1_000;
/** Sent and not yet acked: enough to fill a slow line. */
export const SEND_WINDOW = 32;

export type Until = "ack" | "durable";
type Unaddressed<Frame> = Frame extends unknown ? Omit<Frame, "ref"> : never;
export type OutboxBody = Unaddressed<ClientFrameOf<"publish" | "edit" | "delete" | "react">>;

type ItemState =
  | { readonly state: "queued" }
  | { readonly state: "sent" }
  | { readonly state: "acked"; readonly published: Published };

/** One event on its way. Goes queued → sent → acked → gone, and back to queued when the outcome is unknown. */
export interface OutboxItem {
  readonly body: OutboxBody;
  state: ItemState;
  /** The sender's promise, until it is settled. */
  waiter: Waiter | undefined;
}

interface Waiter {
  readonly until: Until;
  resolve(published: Published): void;
  reject(error: HubbubError): void;
}

/** What one user has sent to one room and is not yet done, in the order it was given. */
export class Outbox {
  readonly #items = new Map<EventId, OutboxItem>();

  /** @throws HubbubError outbox_full */
  add(body: OutboxBody, until: Until): Promise<Published> {
    const waiting = [...this.#items.values()].filter((item) => item.waiter !== undefined).length;
    if (waiting >= OUTBOX_MAX) throw new HubbubError("outbox_full");
    if (this.#items.has(body.id)) throw new HubbubError("bad_request", `the id ${body.id} is already on its way`);
    return new Promise((resolve, reject) => {
      this.#items.set(body.id, { body, state: { state: "queued" }, waiter: { until, resolve, reject } });
    });
  }

  get size(): number {
    return this.#items.size;
  }

  /** What may be sent now, oldest first; each is `sent` from here on. `window`: how many may be sent and not acked. */
  *sendable(window = SEND_WINDOW): Generator<OutboxItem> {
    let underway = 0;
    for (const item of this.#items.values()) {
      if (underway >= window) return;
      if (item.state.state === "acked") continue;
      underway += 1;
      if (item.state.state !== "queued") continue;
      item.state = { state: "sent" };
      yield item;
    }
  }

  acked(item: OutboxItem, published: Published): void {
    if (item.state.state === "acked" && item.state.published.epoch > published.epoch) return;
    item.state = { state: "acked", published };
    if (item.waiter?.until === "ack") this.#resolve(item, published);
    this.#forgetOldest();
  }

  /** An event of the room, live or replayed: the sender's own ones are acks that were lost, or came first. */
  seen(event: RoomEvent, me: UserId | undefined): void {
    const item = this.#items.get(event.id);
    if (item !== undefined && event.by.id === me) this.acked(item, event);
  }

  /** Everything up to `seq` is committed. A mark says nothing about events of an earlier epoch. */
  durable(seq: number, epoch: number): void {
    for (const item of this.#items.values()) {
      if (item.state.state !== "acked") continue;
      const { published } = item.state;
      if (published.epoch >= epoch && published.seq <= seq) this.stored(item);
    }
  }

  /** Acked in an earlier epoch and not known to be durable: perhaps lost with it. */
  doubtful(epoch: number): OutboxItem[] {
    return [...this.#items.values()].filter(({ state }) => state.state === "acked" && state.published.epoch < epoch);
  }

  /** Found to be durable: nothing is left to do. */
  stored(item: OutboxItem): void {
    if (item.state.state === "acked") this.#resolve(item, item.state.published);
    this.#items.delete(item.body.id);
  }

  /** To be sent again, in its old place. Answers false when it is not underway any more. */
  requeue(item: OutboxItem): boolean {
    if (this.#items.get(item.body.id) !== item) return false;
    item.state = { state: "queued" };
    return true;
  }

  /** The connection is gone: what was sent on it has an unknown outcome. Answers how many there were. */
  connectionLost(): number {
    const underway = [...this.#items.values()].filter((item) => item.state.state === "sent");
    for (const item of underway) item.state = { state: "queued" };
    return underway.length;
  }

  refused(item: OutboxItem, error: HubbubError): void {
    this.#items.delete(item.body.id);
    item.waiter?.reject(error);
    item.waiter = undefined;
  }

  failAll(error: HubbubError): void {
    for (const item of [...this.#items.values()]) this.refused(item, error);
  }

  #resolve(item: OutboxItem, published: Published): void {
    const { seq, epoch, at } = published;
    item.waiter?.resolve({ seq, epoch, at });
    item.waiter = undefined;
  }

  #forgetOldest(): void {
    if (this.#items.size <= WATCHED_MAX) return;
    const watched = [...this.#items.values()].filter((item) => item.waiter === undefined);
    const [oldest] = watched;
    if (watched.length > WATCHED_MAX && oldest !== undefined) this.#items.delete(oldest.body.id);
  }
}
