import { encodeDurable, type RoomId, type UserId } from "@hubbub/protocol";
import type { Broker } from "../roles/broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { BrokerListener, ControlMessage } from "../roles/deliveries.ts";
import type { AcceptRequest, AcceptResult, NumberedEvent, RoomHead, TailEvent } from "../roles/room-log.ts";
import type { DurableMark, ShardLog } from "../roles/shard-logs.ts";
import type { Forgettable } from "../roles/tails.ts";
import { Dedupe } from "./dedupe.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemoryPresence } from "./memory-presence.ts";
import { MemoryRevocations } from "./memory-revocations.ts";
import { MemoryRooms } from "./memory-rooms.ts";
import { MemorySpending } from "./memory-spending.ts";
import { MemoryTurns } from "./memory-turns.ts";

export interface MemoryBrokerOptions {
  readonly shards: number;
  /** Upper bound of events of a shard that are accepted and not yet committed; more are refused as `overloaded`. */
  readonly backlogMaxEvents: number;
  /** The same in bytes of their frames. */
  readonly backlogMaxBytes?: number | undefined;
  /** Upper bound of bytes of durable frames in the tail of a room. */
  readonly tailMaxBytes?: number | undefined;
  /** The same for the tails of all rooms together. */
  readonly tailsMaxBytes?: number | undefined;
  /**
   * `accept` answers, and its events are delivered, after the writer has published their durable mark. Otherwise events that
   * were delivered could be lost at the end of the process.
   */
  readonly durableAccept: boolean;
}

/** How long a durable accept waits for the writer. */
const COMMIT_TIMEOUT_MS = 10_000;
const EPOCH_JUMP = 1_000_000;
const MEBI = 1_048_576;
const BACKLOG_MAX_BYTES = 128 * MEBI;
const TAIL_MAX_BYTES = MEBI / 4;
const TAILS_MAX_BYTES = 64 * MEBI;

/** The room log of one process. */
export function createMemoryBroker(options: MemoryBrokerOptions): Broker {
  return new MemoryBroker(options);
}

class MemoryBroker implements Broker {
  readonly shards: number;
  readonly epochJump: number;
  readonly isAcceptDurable: boolean;
  readonly isDelivering = true;
  readonly presence = new MemoryPresence();
  readonly revocations = new MemoryRevocations();
  readonly spending = new MemorySpending();
  readonly turns = new MemoryTurns();
  readonly #options: MemoryBrokerOptions;
  readonly #deliveries = new DeliveryQueue();
  readonly #rooms: MemoryRooms;
  readonly #dedupe = new Dedupe();
  readonly #logs: readonly MemoryLog[];

  constructor(options: MemoryBrokerOptions) {
    this.#options = options;
    const { tailMaxBytes = TAIL_MAX_BYTES, tailsMaxBytes = TAILS_MAX_BYTES } = options;
    this.#rooms = new MemoryRooms((room) => this.#deliveries.isSubscribed(room), { tailMaxBytes, tailsMaxBytes });
    this.shards = options.shards;
    this.isAcceptDurable = options.durableAccept;
    this.epochJump = options.durableAccept ? 0 : EPOCH_JUMP;
    this.#logs = Array.from({ length: options.shards }, () => new MemoryLog());
  }

  async accept(shard: number, batch: readonly AcceptRequest[]): Promise<readonly AcceptResult[]> {
    const log = this.#log(shard);
    const now = Date.now();
    const seen = highestSeen(batch);
    const { backlogMaxEvents, backlogMaxBytes = BACKLOG_MAX_BYTES } = this.#options;
    const results = batch.map((request): AcceptResult => {
      const room = this.#rooms.touch(request.room);
      if (room === undefined || room.seq < (seen.get(request.room) ?? 0)) {
        return { state: "uninitialised", head: room?.seq ?? 0 };
      }
      const { epoch = 0 } = request;
      if (epoch !== 0 && epoch !== room.epoch) return { state: "restarted", epoch: room.epoch };
      const key = dedupeKey(request.room, request);
      const earlier = this.#dedupe.find(key, now);
      if (earlier !== undefined) return { state: "duplicate", ...earlier };
      if (log.backlog >= backlogMaxEvents || log.bytes >= backlogMaxBytes) return { state: "overloaded" };
      const frame = room.take(request.body, now);
      const numbers = { epoch: room.epoch, seq: room.seq, at: now };
      this.#dedupe.add(key, numbers);
      log.append(frame);
      if (!this.#options.durableAccept) this.#show(request.room, room.seq);
      return { state: "accepted", ...numbers };
    });
    if (this.#options.durableAccept) await this.#untilShown(batch, results);
    return results;
  }

  async initialise(room: RoomId, start: { epoch: number; head: number; seen?: number | undefined }): Promise<RoomHead> {
    const known = this.#rooms.touch(room);
    if (known === undefined) return this.#rooms.add(room, start.epoch, Math.max(start.head, start.seen ?? 0)).head;
    if (known.seq < (start.seen ?? 0)) {
      known.restart(Math.max(start.epoch, known.epoch + 1), Math.max(start.head, start.seen ?? 0));
    }
    return known.head;
  }

  /** Oldest first, because the dedupe evicts in the order of insertion. */
  async remember(room: RoomId, events: readonly NumberedEvent[]): Promise<void> {
    const now = Date.now();
    for (const event of events.toSorted((a, b) => a.at - b.at)) {
      const { epoch, seq, at } = event;
      const key = dedupeKey(room, event);
      if (this.#dedupe.find(key, now) === undefined) this.#dedupe.add(key, { epoch, seq, at });
    }
  }

  listen(listener: BrokerListener): void {
    this.#deliveries.listen(listener);
  }

  async subscribe(room: RoomId | UserId): Promise<void> {
    this.#deliveries.subscribe(room);
  }

  async unsubscribe(room: RoomId | UserId): Promise<void> {
    this.#deliveries.unsubscribe(room);
  }

  async tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]> {
    return this.#rooms.get(room)?.tail(after, limit) ?? [];
  }

  async heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]> {
    return rooms.map((room) => this.#rooms.get(room)?.head ?? null);
  }

  async logStart(shard: number): Promise<string> {
    return this.#log(shard).start;
  }

  async openLog(shard: number): Promise<ShardLog> {
    return this.#log(shard).open();
  }

  async publishMarks(_shard: number, marks: readonly DurableMark[]): Promise<void> {
    for (const { room, seq } of marks) {
      const known = this.#rooms.get(room);
      if (this.#options.durableAccept && known !== undefined) this.#show(room, Math.min(seq, known.seq));
      known?.commit(seq);
      this.#deliveries.push({ room, frame: Buffer.from(encodeDurable(room, seq)) });
    }
    this.#rooms.boundTails();
  }

  async forget(_shard: number, events: readonly Forgettable[]): Promise<readonly RoomId[]> {
    return events.flatMap(({ room, seq, stored }) => {
      const known = this.#rooms.get(room);
      known?.dropTail(Math.min(seq, stored));
      return known === undefined || Math.min(known.durable, stored) >= seq ? [] : [room];
    });
  }

  async publishSignal(room: RoomId | UserId, frame: string): Promise<void> {
    this.#deliveries.push({ room, frame: Buffer.from(frame) });
  }

  async publishControl(message: ControlMessage): Promise<void> {
    this.#deliveries.push({ control: message });
  }

  async ping(): Promise<void> {
    // The log is in this process and always available.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // There is nothing to close.
  }

  #log(shard: number): MemoryLog {
    const log = this.#logs[shard];
    if (log === undefined) throw new RangeError(`no shard ${shard}`);
    return log;
  }

  #show(room: RoomId, upTo: number): void {
    for (const { frame } of this.#rooms.get(room)?.show(upTo) ?? []) this.#deliveries.push({ room, frame });
  }

  async #untilShown(batch: readonly AcceptRequest[], results: readonly AcceptResult[]): Promise<void> {
    const shown = batch.map(async ({ room }, at) => {
      const result = results[at];
      if (result !== undefined && "seq" in result) await this.#rooms.get(room)?.untilShown(result.seq);
    });
    await within(COMMIT_TIMEOUT_MS, Promise.all(shown));
  }
}

function highestSeen(batch: readonly AcceptRequest[]): ReadonlyMap<RoomId, number> {
  const seen = new Map<RoomId, number>();
  for (const request of batch) seen.set(request.room, Math.max(seen.get(request.room) ?? 0, request.seen));
  return seen;
}

async function within(timeoutMs: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BrokerUnavailable("the writer has not committed in time")), timeoutMs);
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

function dedupeKey(room: RoomId, { user, id }: Pick<AcceptRequest, "user" | "id">): string {
  return `${room}:${user}:${id}`;
}
