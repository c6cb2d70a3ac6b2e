import type { ClientFrameOf, EventId, RoomEvent, UserId } from "@hubbub/protocol";
import type { Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { contentOf, type MessageOptions } from "./message-options.ts";

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
export type OutboxBody = Unaddressed<ClientFrameOf<"publish" | "edit" | "delete" | "react" | "pin">>;

type ItemState =
  /** Waits for `release`; nothing behind it is sent before. */
  | { readonly state: "held" }
  | { readonly state: "queued" }
  | { readonly state: "sent" }
  | { readonly state: "acked"; readonly published: Published };

/** One event on its way. Goes queued → sent → acked → gone, and back to queued when the outcome is unknown. */
export interface OutboxItem {
  readonly body: OutboxBody;
  state: ItemState;
  /** When it was first sent, Unix ms; undefined: it was not, or it is known that it did not arrive. */
  sentAt: number | undefined;
  /** The sender's promise, until it is settled. */
  waiter: Waiter | undefined;
}

/** A message that is not acked yet. Plain data. */
export interface PendingMessage extends MessageOptions {
  readonly room: string;
  readonly id: string;
  readonly text: string;
  /** `queued`: waits for its turn or for a connection. `sent`: waits for its ack. */
  readonly state: "queued" | "sent";
}

interface Waiter {
  readonly until: Until;
  resolve(published: Published): void;
  reject(error: HubbubError): void;
}

/** What one user has sent to one room and is not yet done, in the order it was given. */
export class Outbox {
  readonly #items = new Map<EventId, OutboxItem>();

  has(id: string): boolean {
    return this.#items.has(id as EventId);
  }

  get isFull(): boolean {
    return [...this.#items.values()].filter((item) => item.waiter !== undefined).length >= OUTBOX_MAX;
  }

  /** `isHeld`: until `release`. @throws HubbubError outbox_full */
  add(body: OutboxBody, until: Until, isHeld = false): Promise<Published> {
    if (this.isFull) throw new HubbubError("outbox_full");
    if (this.#items.has(body.id)) throw new HubbubError("bad_request", `the id ${body.id} is already pending`);
    return new Promise((resolve, reject) => {
      const state = { state: isHeld ? "held" : "queued" } as const;
      this.#items.set(body.id, { body, state, sentAt: undefined, waiter: { until, resolve, reject } });
    });
  }

  /** Moves the last `count` items in front of the others. */
  moveToFront(count: number): void {
    const items = [...this.#items];
    const moved = items.splice(items.length - count);
    this.#items.clear();
    for (const [id, item] of [...moved, ...items]) this.#items.set(id, item);
  }

  /** A held item may go. */
  release(id: string): void {
    const item = this.#items.get(id as EventId);
    if (item?.state.state === "held") item.state = { state: "queued" };
  }

  /** What waits to be sent waits for `release` again. Answers whether it did. */
  hold(id: string): boolean {
    const item = this.#items.get(id as EventId);
    if (item?.state.state !== "queued") return false;
    item.state = { state: "held" };
    return true;
  }

  /** Of an item that was not sent yet. */
  refuse(id: string, error: HubbubError): void {
    const item = this.#items.get(id as EventId);
    if (item?.state.state === "held") this.refused(item, error);
  }

  /** Whether a sender waits. */
  get isAwaited(): boolean {
    for (const { waiter } of this.#items.values()) if (waiter !== undefined) return true;
    return false;
  }

  get hasUnacked(): boolean {
    return [...this.#items.values()].some(({ state }) => state.state !== "acked");
  }

  get pending(): PendingMessage[] {
    return [...this.#items.values()].flatMap(({ body, state: { state } }) => {
      if (body.type !== "publish" || state === "acked") return [];
      return [pendingOf(body, state === "sent" ? "sent" : "queued")];
    });
  }

  /** Takes back what was not sent, or did not arrive. Answers whether it could: what a lost connection took may be there. */
  discard(id: string, error: HubbubError): boolean {
    const item = this.#items.get(id as EventId);
    if (item === undefined || item.sentAt !== undefined || item.state.state === "acked") return false;
    this.refused(item, error);
    return true;
  }

  /** What was sent and is not acked: it may be there. */
  get sent(): { readonly id: string; readonly at: number }[] {
    return [...this.#items.values()].flatMap(({ body: { id }, state: { state }, sentAt: at }) =>
      at === undefined || state === "acked" ? [] : [{ id, at }],
    );
  }

  get size(): number {
    return this.#items.size;
  }

  /** What may be sent now, oldest first; each is `sent` from here on. `window`: how many may be sent and not acked. */
  *sendable(window = SEND_WINDOW): Generator<OutboxItem> {
    let underway = 0;
    for (const item of this.#items.values()) {
      if (underway >= window || item.state.state === "held") return;
      if (item.state.state === "acked") continue;
      underway += 1;
      if (item.state.state !== "queued") continue;
      item.state = { state: "sent" };
      item.sentAt ??= Date.now();
      yield item;
    }
  }

  /** `epoch`: the one the room is in, as far as is known. An answer of another one does not undo one of this. */
  acked(item: OutboxItem, published: Published, epoch = published.epoch): void {
    const isOfThis = item.state.state === "acked" && item.state.published.epoch === epoch;
    if (isOfThis && published.epoch !== epoch) return;
    item.state = { state: "acked", published };
    if (item.waiter?.until === "ack") this.#resolve(item, published);
    this.#forgetOldest();
  }

  /** An event of the room, live or replayed: the sender's own ones are acks that were lost, or came first. */
  seen(event: RoomEvent, me: UserId | undefined): void {
    const item = this.#items.get(event.id);
    if (item !== undefined && event.by.id === me) this.acked(item, event);
  }

  /**
   * Everything of `epoch` up to `seq` is committed. A mark says nothing about events of another epoch, whether its number
   * is lower or higher: after a restore epochs may fall. Answers whether it passed such an event, which is to be looked up.
   */
  durable(seq: number, epoch: number): boolean {
    let isPassed = false;
    for (const item of this.#items.values()) {
      if (item.state.state !== "acked" || item.state.published.seq > seq) continue;
      if (item.state.published.epoch === epoch) this.stored(item);
      else isPassed = true;
    }
    return isPassed;
  }

  /** Acked in another epoch than this one and not known to be durable: perhaps lost with it. */
  doubtful(epoch: number): OutboxItem[] {
    return [...this.#items.values()].filter(({ state }) => state.state === "acked" && state.published.epoch !== epoch);
  }

  /** Found to be durable: nothing is left to do. */
  stored(item: OutboxItem): void {
    if (item.state.state === "acked") this.#resolve(item, item.state.published);
    this.#items.delete(item.body.id);
  }

  /** To be sent again, in its old place. Answers false when it is not underway any more. */
  requeue(item: OutboxItem, mayBeThere = true): boolean {
    if (this.#items.get(item.body.id) !== item) return false;
    item.state = { state: "queued" };
    if (!mayBeThere) item.sentAt = undefined;
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

export function pendingOf(
  body: Extract<OutboxBody, { type: "publish" }>,
  state: PendingMessage["state"],
): PendingMessage {
  const { room, id, text } = body;
  return { room, id, text, state, ...contentOf(body) };
}
