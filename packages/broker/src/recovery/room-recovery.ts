import { ProtocolError, type RoomId } from "@hubbub/protocol";
import type { Accepted, EventRequest, PendingEvent, PendingEvents } from "../accept/pending-event.ts";
import type { Recovery, RefusedEvent } from "../accept/recovery.ts";
import type { ShardBatcher } from "../accept/shard-batcher.ts";
import type { BrokerLogger } from "../broker-logger.ts";
import type { AcceptRequest, NumberedEvent, RoomLog } from "../roles/room-log.ts";
import type { ShardLogs } from "../roles/shard-logs.ts";
import { DurabilityWatch } from "./durability-watch.ts";
import { type BeginEpoch, EpochMigration, type Fence } from "./epoch-migration.ts";
import { HighWaterMarks } from "./high-water-marks.ts";
import { type Restarted, UNDURABLE_BYTES_MAX, UNDURABLE_EVENTS_MAX, UndurableEvents } from "./undurable-events.ts";

/** How often the log may fail to number the room of an event before the event is refused with `unavailable`. */
const TRIES_MAX = 4;

export interface RoomRecoveryOptions {
  readonly broker: RoomLog & ShardLogs;
  readonly beginEpoch: BeginEpoch;
  readonly recent: (room: RoomId) => Promise<readonly NumberedEvent[]>;
  /** Without it nothing is kept for a log that is lost. */
  readonly fence: Fence | undefined;
  readonly logger: BrokerLogger | undefined;
  readonly pending: PendingEvents;
  readonly batcherOf: (room: RoomId) => ShardBatcher;
}

/**
 * Keeps every accepted event until the store has it, and brings a room into a new epoch when its numbering is lost. A
 * lost numbering is found by the next event of the room or, within a second, by `DurabilityWatch`.
 *
 * Events of a room that is being recovered are parked: they are sent after what is offered again.
 */
export class RoomRecovery implements Recovery {
  readonly #options: RoomRecoveryOptions;
  readonly #marks = new HighWaterMarks();
  readonly #undurable = new UndurableEvents();
  readonly #migration: EpochMigration;
  readonly #watch: DurabilityWatch;
  /** By room in recovery; bounded by `PendingEvents`. */
  readonly #parked = new Map<RoomId, PendingEvent[]>();

  constructor(options: RoomRecoveryOptions) {
    this.#options = options;
    const { broker, beginEpoch, recent, fence, pending } = options;
    const [undurable, marks] = [this.#undurable, this.#marks];
    this.#migration = new EpochMigration({ broker, beginEpoch, recent, fence, pending, undurable, marks });
    this.#watch = new DurabilityWatch({
      log: broker,
      undurable,
      isRecovering: (room) => this.#parked.has(room),
      recover: (room, found) => this.#recoverFound(room, found),
    });
  }

  get undurable(): number {
    return this.#undurable.events;
  }

  isFull(pending: PendingEvents): boolean {
    const { events, bytes } = this.#undurable;
    return events + pending.events >= UNDURABLE_EVENTS_MAX || bytes + pending.bytes >= UNDURABLE_BYTES_MAX;
  }

  park(event: PendingEvent): boolean {
    const parked = this.#parked.get(event.request.room);
    parked?.push(event);
    return parked !== undefined;
  }

  withMarks({ room, user, id, body }: EventRequest): AcceptRequest {
    const epoch = this.#undurable.epoch(room) || this.#marks.epoch(room);
    return { room, user, id, body, seen: this.#marks.seq(room), epoch };
  }

  saw(room: RoomId, seq: number): void {
    this.#marks.saw(room, seq);
  }

  accepted({ request, bytes }: PendingEvent, { seq, epoch }: Accepted): void {
    this.#marks.numbered(request.room, seq, epoch);
    if (this.#options.fence === undefined) return;
    this.#undurable.keep({ request, bytes, seq }, epoch);
    this.#watch.start();
  }

  unanswered(batch: readonly PendingEvent[]): void {
    if (this.#options.fence === undefined) return;
    for (const { request } of batch) this.#marks.invalidate(request.room);
  }

  /** The batch of these events is answered, and the batcher has no other under way: events come back to it in order. */
  recover(batcher: ShardBatcher, refused: readonly RefusedEvent[]): void {
    const rooms = new Map<RoomId, { readonly events: PendingEvent[]; found: Restarted }>();
    for (const { event, found } of refused) {
      const room = rooms.get(event.request.room) ?? { events: [], found };
      room.found = found;
      rooms.set(event.request.room, room);
      if (this.#mayRetry(event)) room.events.push(event);
    }
    for (const event of batcher.extract(rooms)) rooms.get(event.request.room)?.events.push(event);
    for (const [room, { events, found }] of rooms) {
      // It answers its events one by one; it does not reject.
      if (events.length > 0) void this.#recoverRoom(batcher, room, events, found);
    }
  }

  async drain(deadline: AbortSignal): Promise<void> {
    await this.#watch.drain(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.close();
  }

  /** false: the log could not number the room too often, and the event is refused. */
  #mayRetry(event: PendingEvent): boolean {
    event.tries += 1;
    if (event.tries <= TRIES_MAX) return true;
    this.#options.pending.reject(event, new ProtocolError("unavailable", "the room could not be numbered"));
    return false;
  }

  async #recoverRoom(batcher: ShardBatcher, room: RoomId, events: PendingEvent[], found: Restarted): Promise<void> {
    const { logger, pending } = this.#options;
    this.#parked.set(room, events);
    const kept = this.#undurable.of(room).length;
    try {
      await this.#migration.run(room, found, events);
    } catch (error) {
      if (kept > 0) logger?.warn({ room, kept, err: error }, "room recovery failed, will retry");
      pending.rejectAll(this.#unpark(room), error);
      return;
    }
    if (kept > 0)
      logger?.info({ room, kept, offered: this.#undurable.of(room).length }, "room recovered into new epoch");
    batcher.pushAll(this.#unpark(room));
  }

  /** As if the log had refused an event of the room, when none of it is under way. */
  #recoverFound(room: RoomId, found: Restarted): Promise<void> {
    const batcher = this.#options.batcherOf(room);
    return new Promise((resolve) => {
      batcher.whenAnswered(() => {
        const isOver = this.#parked.has(room) || this.#undurable.epoch(room) === 0;
        const events = isOver ? [] : batcher.extract(new Map([[room, found]]));
        resolve(isOver ? undefined : this.#recoverRoom(batcher, room, events, found));
      });
    });
  }

  #unpark(room: RoomId): readonly PendingEvent[] {
    const parked = this.#parked.get(room) ?? [];
    this.#parked.delete(room);
    return parked;
  }
}
