import { ProtocolError, type RoomId } from "@hubbub/protocol";
import type { AcceptResult, RoomLog } from "../roles/room-log.ts";
import { shardOf } from "../shard-of.ts";
import { BatchPace } from "./batch-pace.ts";
import { type Accepted, type EventRequest, type PendingEvent, PendingEvents } from "./pending-event.ts";
import type { Recovery, RefusedEvent } from "./recovery.ts";
import { overloaded } from "./refusals.ts";
import { ShardBatcher } from "./shard-batcher.ts";

export interface AcceptorParts {
  readonly log: Pick<RoomLog, "accept">;
  readonly shards: number;
  /** Milliseconds for which a batch may gather now. */
  readonly gatherMs: () => number;
  createRecovery(pending: PendingEvents, batcherOf: (room: RoomId) => ShardBatcher): Recovery;
}

/**
 * The way into the log: gathers events into batches by shard and turns the log's answers into acks and errors of the wire.
 * A room that the log cannot number goes to recovery with its events; they keep their order and hold up no other room.
 */
export class Acceptor implements AsyncDisposable {
  readonly recovery: Recovery;
  readonly #log: AcceptorParts["log"];
  readonly #batchers: readonly ShardBatcher[];
  readonly #pending = new PendingEvents();

  /** Made by `createAcceptor`. */
  constructor({ log, shards, gatherMs, createRecovery }: AcceptorParts) {
    this.#log = log;
    const pace = new BatchPace(gatherMs);
    this.#batchers = Array.from({ length: shards }, (_none, shard) => {
      const batcher: ShardBatcher = new ShardBatcher(pace, (batch) => this.#send(shard, batcher, batch));
      return batcher;
    });
    this.recovery = createRecovery(this.#pending, (room) => this.#batcherOf(room));
  }

  /** @throws ProtocolError overloaded, unavailable: the same event id may be sent again */
  accept(request: EventRequest): Promise<Accepted> {
    const bytes = Buffer.byteLength(request.body);
    return new Promise((resolve, reject) => this.take({ request, bytes, isStale: false, tries: 0, resolve, reject }));
  }

  /** As `accept`, without a promise for each event. The event may be answered before this returns. */
  take(event: PendingEvent): void {
    if (this.isFull) {
      event.reject(overloaded());
      return;
    }
    this.#pending.add(event);
    if (!this.recovery.park(event)) this.#batcherOf(event.request.room).push(event);
  }

  /** The next event is refused with `overloaded`. */
  get isFull(): boolean {
    return this.#pending.isFull || this.recovery.isFull(this.#pending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recovery[Symbol.asyncDispose]();
  }

  #batcherOf(room: RoomId): ShardBatcher {
    const batcher = this.#batchers[shardOf(room, this.#batchers.length)];
    if (batcher === undefined) throw new RangeError("a room outside all shards");
    return batcher;
  }

  async #send(shard: number, batcher: ShardBatcher, gathered: readonly PendingEvent[]): Promise<void> {
    const batch = gathered.filter((event) => !this.#rejectIfStale(event));
    if (batch.length === 0) return;
    const requests = batch.map(({ request }) => this.recovery.withMarks(request));
    let results: readonly AcceptResult[];
    try {
      results = await this.#log.accept(shard, requests);
    } catch (error) {
      this.recovery.unanswered(batch);
      this.#pending.rejectAll(batch, error);
      return;
    }
    this.#settle(batcher, batch, results);
  }

  /** The batch before may have been refused as a whole: what one sender has in this one must not overtake that. */
  #rejectIfStale(event: PendingEvent): boolean {
    if (!event.isStale) return false;
    this.#pending.reject(event, new ProtocolError("out_of_order"));
    return true;
  }

  #settle(batcher: ShardBatcher, batch: readonly PendingEvent[], results: readonly AcceptResult[]): void {
    let refused: RefusedEvent[] | undefined;
    let at = 0;
    for (const event of batch) {
      const result = results[at++];
      if (result === undefined) throw new Error("the log answered fewer events than it was asked");
      if (result.state === "overloaded") this.#pending.reject(event, overloaded());
      else if ("seq" in result) {
        this.recovery.accepted(event, result);
        this.#pending.resolve(event, result);
      } else {
        refused ??= [];
        refused.push({ event, found: result });
      }
    }
    if (refused !== undefined) this.recovery.recover(batcher, refused);
  }
}
