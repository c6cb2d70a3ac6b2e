import type { Deliveries, RoomHead, RoomLog } from "@hubbub/broker";
import { ProtocolError, type RoomId } from "@hubbub/protocol";
import { isUnavailable, type Store } from "@hubbub/store";
import DataLoader from "dataloader";
import type { Background } from "../background.ts";
import type { Connection } from "../connections/connection.ts";
import type { Position, Subscription } from "../connections/subscription.ts";
import { Coalescer } from "./coalescer.ts";
import { Lineage } from "./lineage.ts";
import { LiveRoom, type RoomOutlet } from "./live-room.ts";
import type { Repairs } from "./repairs.ts";

/** Rooms in one call for heads. */
const HEADS_PER_CALL = 1_000;

export interface HubOptions {
  readonly broker: RoomLog & Deliveries;
  readonly store: Store;
  readonly outlet: RoomOutlet;
  readonly repairs: Repairs;
  readonly background: Background;
  readonly roomsMax: number;
  readonly lingerMs: number;
}

export interface Parting {
  readonly common: number;
  readonly from: Position;
}

/**
 * The rooms this gateway serves.
 *
 * A room is subscribed at the broker while a local connection has it, plus a linger: a page reload is a leave and a
 * join. Opening and closing of one room never overlap. A connection may take the topic only after `join` has resolved,
 * for only then has the log confirmed that every delivery arrives.
 */
export class Hub {
  readonly #options: HubOptions;
  /** Bounded by `roomsMax`: more are refused as overloaded. */
  readonly #rooms = new Map<RoomId, LiveRoom>();

  /** Loads the heads of one turn of the event loop with one call: a reconnecting crowd may open thousands of rooms. */
  readonly #headsOfTurn: DataLoader<RoomId, RoomHead | null>;
  /** Clients of one room that have seen more than this gateway share one lookup of its head. */
  readonly #heads = new Coalescer((id: RoomId) => this.#headsOfTurn.load(id));
  readonly #storedHeads = new Coalescer((id: RoomId) => this.#storedHead(id));
  readonly #lineage: Lineage;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#headsOfTurn = new DataLoader((rooms) => options.broker.heads(rooms).then((heads) => [...heads]), {
      cache: false,
      maxBatchSize: HEADS_PER_CALL,
      batchScheduleFn: setImmediate,
    });
    this.#lineage = new Lineage(options.store.rooms);
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** The id as the string object of the room, so that connections share one copy. */
  idOf(id: RoomId): RoomId {
    return this.#rooms.get(id)?.id ?? id;
  }

  /** Rooms that receive deliveries. */
  *openRooms(): Generator<LiveRoom> {
    for (const room of this.#rooms.values()) if (room.isOpen) yield room;
  }

  deliver(id: RoomId, frame: Buffer): void {
    this.#rooms.get(id)?.deliver(frame);
  }

  /** Counts one more user of the room; the caller owes a `leave`, unless this rejects. */
  async join(id: RoomId): Promise<LiveRoom> {
    for (let closing = this.#rooms.get(id)?.closing; closing; closing = this.#rooms.get(id)?.closing) await closing;
    const room = this.#rooms.get(id) ?? this.#add(id);
    room.users += 1;
    room.opening ??= this.#open(room);
    const { opening } = room;
    let joined = false;
    try {
      await opening;
      joined = true;
      return room;
    } finally {
      if (!joined) this.#giveUp(room, opening);
    }
  }

  /** Ends a subscription in any state. A second call does nothing. */
  leave(connection: Connection, id: RoomId, subscription: Subscription): void {
    if (connection.subscriptions.get(id) === subscription) connection.subscriptions.delete(id);
    // A catch-up that waits for the connection to drain ends at once.
    if (subscription.state !== "live") connection.wakeDrained();
    if (subscription.live === null) return;
    connection.removeTopic(id);
    subscription.live.listeners.delete(connection);
    subscription.live = null;
    const room = this.#joined(id);
    room.users -= 1;
    if (room.users === 0) room.lingerUntil = performance.now() + this.#options.lingerMs;
  }

  leaveAll(connection: Connection): void {
    for (const [id, subscription] of connection.subscriptions) this.leave(connection, id, subscription);
  }

  /**
   * Reads the head now and repairs up to it, for a client that has seen more than this gateway. If `seen` is ahead of the
   * log too, the log has lost events, and the store may have them.
   * @throws ProtocolError unavailable: the log or the store could not be read
   */
  async refresh(id: RoomId, seen: Position): Promise<void> {
    const room = this.#joined(id);
    const head = await this.#heads.ask(room.id);
    if (head) room.expect(head);
    if (!head || head.seq < seen.seq || head.epoch < seen.epoch) room.expect(await this.#storedHeads.ask(room.id));
    await this.#options.repairs.finished(room);
    if (room.wanted > room.last) throw new ProtocolError("unavailable");
  }

  /**
   * Where the room left the life that the position is from; null: it is the same. `common`: the last number that both have,
   * 0: not known. `from`: what this life has instead comes behind it.
   * @throws ProtocolError unavailable, overloaded
   */
  async parting(id: RoomId, position: Position, now: Position): Promise<Parting | null> {
    const parting = await this.#lineage.parting(id, position).catch(refuse);
    if (parting === null) return null;
    if (parting.epoch > 0) return { common: parting.seq, from: parting };
    // It is unknown where the lives parted. The events of the present epoch belong to this life.
    const begin = await this.#lineage.begin(id, now.epoch).catch(refuse);
    return { common: 0, from: { epoch: now.epoch, seq: Math.min(begin ?? now.seq, now.seq) } };
  }

  /** The log has another numbering of an open room, or a lower head: restarts the room if that is another life of it. */
  async compare(room: LiveRoom, head: RoomHead): Promise<void> {
    const [epoch, last] = [room.epoch, room.last];
    const parting = await this.parting(room.id, { seq: last, epoch }, head);
    if (parting !== null && room.isOpen && room.epoch === epoch && !room.isRepairing) room.restart(parting.from, head);
  }

  /** Closes rooms without users after their linger, and drops old frames. */
  async sweep(): Promise<void> {
    const now = performance.now();
    const leaving: Promise<void>[] = [];
    for (const room of this.#rooms.values()) {
      room.ring.forgetOld(now);
      if (room.users > 0 || room.closing !== null || !room.isOpen || now < room.lingerUntil) continue;
      room.closing = this.#close(room);
      leaving.push(room.closing);
    }
    await Promise.all(leaving);
  }

  /** The room of a subscription: a room with users is never removed. */
  #joined(id: RoomId): LiveRoom {
    const room = this.#rooms.get(id);
    if (room === undefined) throw new Error(`room ${id} has users and is gone`);
    return room;
  }

  #add(id: RoomId): LiveRoom {
    if (this.#rooms.size >= this.#options.roomsMax) throw new ProtocolError("overloaded", "too many rooms here");
    const room = new LiveRoom(id, this.#options.outlet);
    this.#rooms.set(id, room);
    return room;
  }

  async #open(room: LiveRoom): Promise<void> {
    if (!room.isSubscribed) await this.#options.broker.subscribe(room.id);
    room.isSubscribed = true;
    room.open((await this.#headsOfTurn.load(room.id)) ?? (await this.#storedHead(room.id)));
  }

  /** For a room that the log does not know: it is new, or the log was lost and will number above the stored events. */
  async #storedHead(id: RoomId): Promise<RoomHead> {
    const { epoch, seq } = await this.#options.store.events.head(id);
    return { epoch, seq, durable: seq };
  }

  /** The room could not be opened: the last caller closes it. */
  #giveUp(room: LiveRoom, opening: Promise<void>): void {
    if (room.opening === opening) room.opening = null;
    room.users -= 1;
    if (room.users > 0 || this.#rooms.get(room.id) !== room) return;
    room.closing = this.#close(room);
  }

  /** Never rejects: deliveries of a room that could not be unsubscribed are ignored. */
  async #close(room: LiveRoom): Promise<void> {
    const { broker, background } = this.#options;
    room.close();
    if (room.isSubscribed) await background.attempt("unsubscribe", () => broker.unsubscribe(room.id));
    this.#rooms.delete(room.id);
  }
}

function refuse(error: unknown): never {
  throw isUnavailable(error) ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
