import { ProtocolError, type RoomId } from "@hubbub/protocol";
import type { AcceptResult, RoomLog } from "../roles/room-log.ts";
import { shardOf } from "../shard-of.ts";
import { BatchPace } from "./batch-pace.ts";
import { type Accepted, type EventRequest, type PendingEvent, PendingEvents } from "./pending-event.ts";
import type { Recovery, RefusedResult, RefusedRooms } from "./recovery.ts";
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
  readonly #log: AcceptorParts["log"];
  readonly #batchers: readonly ShardBatcher[];
  readonly #pending = new PendingEvents();
  readonly #recovery: Recovery;

  /** Made by `createAcceptor`. */
  constructor({ log, shards, gatherMs, createRecovery }: AcceptorParts) {
    this.#log = log;
    const pace = new BatchPace(gatherMs);
    this.#batchers = Array.from({ length: shards }, (_none, shard) => {
      const batcher: ShardBatcher = new ShardBatcher(pace, (batch) => this.#send(shard, batcher, batch));
      return batcher;
    });
    this.#recovery = createRecovery(this.#pending, (room) => this.#batcherOf(room));
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
    if (!this.#recovery.park(event)) this.#batcherOf(event.request.room).push(event);
  }

  /** The next event is refused with `overloaded`. */
  get isFull(): boolean {
    return this.#pending.isFull || this.#recovery.isFull(this.#pending);
  }

  /** A delivery of the room had this seq: a log that is behind it must not number. */
  saw(room: RoomId, seq: number): void {
    this.#recovery.saw(room, seq);
  }

  /** Accepted events that are not known to be stored. */
  get undurable(): number {
    return this.#recovery.undurable;
  }

  /** Waits a little for the events that are not stored. */
  async drain(deadline: AbortSignal): Promise<void> {
    await this.#recovery.drain(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recovery[Symbol.asyncDispose]();
  }

  #batcherOf(room: RoomId): ShardBatcher {
    const batcher = this.#batchers[shardOf(room, this.#batchers.length)];
    if (batcher === undefined) throw new RangeError("a room outside all shards");
    return batcher;
  }

  async #send(shard: number, batcher: ShardBatcher, gathered: readonly PendingEvent[]): Promise<void> {
    const batch = gathered.filter((event) => !this.#rejectIfStale(event));
    if (batch.length === 0) return;
    const requests = batch.map(({ request }) => this.#recovery.withMarks(request));
    let results: readonly AcceptResult[];
    try {
      results = await this.#log.accept(shard, requests);
    } catch (error) {
      this.#recovery.unanswered(batch);
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
    let refused: RefusedRooms | undefined;
    let at = 0;
    for (const event of batch) {
      const result = results[at++];
      if (result === undefined) throw new Error("the log answered fewer events than it was asked");
      if (result.state === "overloaded") this.#pending.reject(event, overloaded());
      else if ("seq" in result) {
        this.#recovery.accepted(event, result);
        this.#pending.resolve(event, result);
      } else {
        refused ??= new Map();
        this.#refuse(refused, event, result);
      }
    }
    if (refused !== undefined) this.#recovery.recover(batcher, refused);
  }

  #refuse(refused: RefusedRooms, event: PendingEvent, found: RefusedResult): void {
    const room = refused.get(event.request.room) ?? { events: [], found };
    room.found = found;
    refused.set(event.request.room, room);
    if (this.#pending.mayRetry(event)) room.events.push(event);
  }
}
