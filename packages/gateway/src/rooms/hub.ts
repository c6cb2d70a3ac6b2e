import type { Broker, RoomHead } from "@hubbub/broker";
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
  readonly broker: Broker;
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

  /** Rooms asked for in one turn of the event loop are one call: a reconnecting crowd may open thousands. */
  readonly #headsOfTurn: DataLoader<RoomId, RoomHead | null>;
  /** A crowd that has seen more than this gateway asks for the head of its room together. */
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

  /** The same id in the room's own string: connections that keep it have no copy each. */
  idOf(id: RoomId): RoomId {
    return this.#rooms.get(id)?.id ?? id;
  }

  /** Rooms whose deliveries are followed. */
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
    // A catch-up that waits for the connection to read on ends at once.
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
   * Asks for the head now and repairs up to it: for a client that has seen more than this gateway. A log that has not
   * seen `seen` either has lost something, and the store may have it.
   * @throws ProtocolError unavailable: what the log or the store has could not be read
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
    // Where the lives parted is not known. What the present epoch has belongs to this one.
    const begin = await this.#lineage.begin(id, now.epoch).catch(refuse);
    return { common: 0, from: { epoch: now.epoch, seq: Math.min(begin ?? now.seq, now.seq) } };
  }

  /** The log has another numbering of an open room, or one below it: is that of the life that this gateway has followed? */
  async compare(room: LiveRoom, head: RoomHead): Promise<void> {
    const [epoch, last] = [room.epoch, room.last];
    const parting = await this.parting(room.id, { seq: last, epoch }, head);
    if (parting !== null && room.isOpen && room.epoch === epoch && !room.isRepairing) room.restart(parting.from, head);
  }

  /** Lets rooms go that nobody uses any more, and frames that are old. */
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

  /** A room that has users stays. */
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

  /** The log does not know the room: it is new, or the log was lost and will number above what is stored. */
  async #storedHead(id: RoomId): Promise<RoomHead> {
    const { epoch, seq } = await this.#options.store.events.head(id);
    return { epoch, seq, durable: seq };
  }

  /** The room could not be opened: the last who wanted it clears up. */
  #giveUp(room: LiveRoom, opening: Promise<void>): void {
    if (room.opening === opening) room.opening = null;
    room.users -= 1;
    if (room.users > 0 || this.#rooms.get(room.id) !== room) return;
    room.closing = this.#close(room);
  }

  /** Never rejects: a room that the log did not let go of is dropped here, at delivery. */
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
