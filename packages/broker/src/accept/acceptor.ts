import { ProtocolError, type RoomId } from "@hubbub/protocol";
import { DurabilityWatch } from "../recovery/durability-watch.ts";
import { HighWaterMarks } from "../recovery/high-water-marks.ts";
import { type BeginEpoch, type Fence, RoomRecovery } from "../recovery/room-recovery.ts";
import {
  type Restarted,
  UNDURABLE_BYTES_MAX,
  UNDURABLE_EVENTS_MAX,
  UndurableEvents,
} from "../recovery/undurable-events.ts";
import type { Broker } from "../roles/broker.ts";
import type { AcceptResult, NumberedEvent } from "../roles/room-log.ts";
import { shardOf } from "../shard-of.ts";
import { BatchPace } from "./batch-pace.ts";
import { mayTryAgain, type Request, Waiting } from "./pending-event.ts";
import { overloaded, toRefusal } from "./refusals.ts";
import { type Accepted, type Pending, ShardBatcher, type Waiter } from "./shard-batcher.ts";

export interface AcceptorOptions {
  readonly broker: Pick<
    Broker,
    | "accept"
    | "initialise"
    | "remember"
    | "heads"
    | "logStart"
    | "publishMarks"
    | "shards"
    | "epochJump"
    | "isAcceptDurable"
  >;
  /** `Rooms.beginEpoch` of the store. What it throws reaches the callers that wait for the room. */
  readonly beginEpoch: BeginEpoch;
  /** `Events.recent` of the store. Without it nothing that is stored is recognised when the log has lost it. */
  readonly recent?: ((room: RoomId) => Promise<readonly NumberedEvent[]>) | undefined;
  /** Without it nothing is kept for a log that is lost. */
  readonly fence?: Fence | undefined;
  readonly log?: AcceptorLogger | undefined;
  /** Milliseconds for which a batch may gather now. Without it batches leave at once. */
  readonly gatherMs?: (() => number) | undefined;
}

export interface AcceptorLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * The way into the log: gathers events into batches by shard, starts epochs where the log asks for one, and turns
 * refusals into errors of the wire. While a room waits for its epoch its events wait with it, in their order, and
 * hold up no other room.
 *
 * What was accepted is kept until the store has it, and offered again when the log was lost: see `RoomRecovery` and `DurabilityWatch`.
 */
export class Acceptor implements AsyncDisposable {
  readonly #broker: AcceptorOptions["broker"];
  readonly #fence: Fence | undefined;
  readonly #log: AcceptorLogger | undefined;
  readonly #batchers: readonly ShardBatcher[];
  /** Shards with a batch under way, and what is to be done when it has been answered. */
  readonly #underWay = new Map<number, (() => void)[]>();
  /** Rooms that wait for an epoch, with their events; bounded with all that waits. */
  readonly #parked = new Map<RoomId, Pending[]>();
  readonly #marks = new HighWaterMarks();
  readonly #undurable = new UndurableEvents();
  readonly #restart: RoomRecovery;
  readonly #watch: DurabilityWatch;
  readonly #waiting = new Waiting();

  constructor({ broker, beginEpoch, recent = async () => [], fence, log, gatherMs = () => 0 }: AcceptorOptions) {
    this.#broker = broker;
    this.#fence = broker.isAcceptDurable ? undefined : fence;
    this.#log = log;
    const [undurable, seen] = [this.#undurable, this.#marks];
    this.#restart = new RoomRecovery({ broker, beginEpoch, recent, fence: this.#fence, undurable, seen });
    this.#watch = new DurabilityWatch({
      broker,
      undurable,
      isRestarting: (room) => this.#parked.has(room),
      restart: (room, found) => this.#bringOver(room, found),
    });
    const pace = new BatchPace(gatherMs);
    this.#batchers = Array.from({ length: broker.shards }, (_none, shard) => {
      const batcher: ShardBatcher = new ShardBatcher(pace, (batch) => this.#send(shard, batcher, batch));
      return batcher;
    });
  }

  /** @throws ProtocolError overloaded, unavailable: the same event id may be sent again */
  accept(request: Request): Promise<Accepted> {
    return new Promise((resolve, reject) => this.take(request, { resolve, reject }));
  }

  /** As `accept`, without a promise for each event. `waiter` may be told before this returns. */
  take(request: Request, waiter: Waiter): void {
    if (this.#isFull()) waiter.reject(overloaded());
    else this.#enqueue(this.#waiting.take(request, waiter));
  }

  /** A delivery of the room had this seq: a log that is behind it must not number. */
  saw(room: RoomId, seq: number): void {
    this.#marks.saw(room, seq);
  }

  /** Events that are accepted and not known to be stored. */
  get undurable(): number {
    return this.#undurable.events;
  }

  /** Waits a little for what is kept. */
  async drain(deadline: AbortSignal): Promise<void> {
    await this.#watch.drain(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.close();
  }

  /** All that waits may come to be kept. */
  #isFull(): boolean {
    const [waiting, kept] = [this.#waiting, this.#undurable];
    if (waiting.isFull) return true;
    return kept.events + waiting.events >= UNDURABLE_EVENTS_MAX || kept.bytes + waiting.bytes >= UNDURABLE_BYTES_MAX;
  }

  #enqueue(pending: Pending): void {
    const { room } = pending.request;
    const parked = this.#parked.get(room);
    if (parked === undefined) this.#batcherOf(room).push([pending]);
    else parked.push(pending);
  }

  #batcherOf(room: RoomId): ShardBatcher {
    const batcher = this.#batchers[shardOf(room, this.#broker.shards)];
    if (batcher === undefined) throw new RangeError("a room outside all shards");
    return batcher;
  }

  #send(shard: number, batcher: ShardBatcher, gathered: readonly Pending[]): Promise<void> {
    const batch = gathered.filter((pending) => !refusedIfStale(pending));
    if (batch.length === 0) return Promise.resolve();
    const requests = batch.map(({ request: { room, user, id, body } }) => {
      const epoch = this.#undurable.epoch(room) || this.#marks.epoch(room);
      return { room, user, id, body, seen: this.#marks.seq(room), epoch };
    });
    this.#underWay.set(shard, []);
    return this.#broker
      .accept(shard, requests)
      .then(
        (results) => this.#settle(batcher, batch, results),
        (error) => this.#refuse(batch, error),
      )
      .finally(() => this.#answered(shard));
  }

  #answered(shard: number): void {
    const after = this.#underWay.get(shard) ?? [];
    this.#underWay.delete(shard);
    for (const run of after) run();
  }

  #settle(batcher: ShardBatcher, batch: readonly Pending[], results: readonly AcceptResult[]): void {
    const refused = new Map<RoomId, Refused>();
    for (const [at, pending] of batch.entries()) {
      const result = results[at];
      const { room } = pending.request;
      if (result === undefined) throw new Error("the log answered less than it was asked");
      if (result.state === "overloaded") pending.reject(overloaded());
      else if (result.state === "uninitialised" || result.state === "restarted") {
        const { events }: Refused = refused.get(room) ?? { events: [], found: result };
        refused.set(room, { events, found: result });
        if (mayTryAgain(pending)) events.push(pending);
      } else this.#taken(pending, result);
    }
    if (refused.size > 0) this.#park(batcher, refused);
  }

  #taken(pending: Pending, accepted: Accepted): void {
    const { request, bytes } = pending;
    const { seq, epoch } = accepted;
    this.#marks.numbered(request.room, seq, epoch);
    if (this.#fence !== undefined) {
      this.#undurable.keep({ request, bytes, seq }, epoch);
      this.#watch.start();
    }
    pending.resolve(accepted);
  }

  /** What was asked and not answered may have been taken. */
  #refuse(batch: readonly Pending[], error: unknown): void {
    if (this.#fence !== undefined) for (const { request } of batch) this.#marks.invalidate(request.room);
    refuse(batch, error);
  }

  /**
   * Takes rooms off their batcher, with all their events: none is under way, as the batcher has one batch under way and this was
   * it. So what comes back to the batcher comes in order.
   */
  #park(batcher: ShardBatcher, refused: ReadonlyMap<RoomId, Refused>): void {
    for (const pending of batcher.extract(refused)) refused.get(pending.request.room)?.events.push(pending);
    for (const [room, { events, found }] of refused) {
      // Ends in `#unpark`, whose callers are answered one by one; it does not reject.
      if (events.length > 0) void this.#restartParked(batcher, room, events, found);
    }
  }

  async #restartParked(batcher: ShardBatcher, room: RoomId, events: Pending[], found: Restarted): Promise<void> {
    this.#parked.set(room, events);
    const kept = this.#undurable.of(room).length;
    await this.#restart.run(room, found, events).then(
      () => {
        if (kept > 0) this.#log?.info({ room, kept, offered: this.#undurable.of(room).length }, "room brought over");
        batcher.push(this.#unpark(room));
      },
      (error) => {
        if (kept > 0) this.#log?.warn({ room, kept, err: error }, "room not brought over, trying again");
        refuse(this.#unpark(room), error);
      },
    );
  }

  /** As if the log had refused an event of the room, when none of it is under way. */
  #bringOver(room: RoomId, found: Restarted): Promise<void> {
    const shard = shardOf(room, this.#broker.shards);
    const batcher = this.#batcherOf(room);
    return new Promise((resolve) => {
      const begin = (): void => {
        const isOver = this.#parked.has(room) || this.#undurable.epoch(room) === 0;
        resolve(
          isOver
            ? undefined
            : this.#restartParked(batcher, room, [...batcher.extract(new Map([[room, found]]))], found),
        );
      };
      const underWay = this.#underWay.get(shard);
      if (underWay === undefined) begin();
      else underWay.push(begin);
    });
  }

  #unpark(room: RoomId): readonly Pending[] {
    const parked = this.#parked.get(room) ?? [];
    this.#parked.delete(room);
    return parked;
  }
}

interface Refused {
  readonly events: Pending[];
  readonly found: Restarted;
}

/** The batch before may have been refused as a whole: what one sender has in this one must not overtake that. */
function refusedIfStale(pending: Pending): boolean {
  if (!pending.isStale) return false;
  pending.reject(new ProtocolError("out_of_order"));
  return true;
}

function refuse(batch: readonly Pending[], error: unknown): void {
  const reason = toRefusal(error);
  for (const pending of batch) pending.reject(reason);
}
