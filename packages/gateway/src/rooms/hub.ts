import type { Deliveries, RoomHead, RoomLog } from "@hubbub/broker";
import { ProtocolError, type RoomId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import DataLoader from "dataloader";
import type { Background } from "../background.ts";
import type { Connection } from "../connections/connection.ts";
import { type Subscription, topicOf } from "../connections/subscription.ts";
import { LiveRoom, type RoomOutlet } from "./live-room.ts";

const HEADS_PER_CALL = 1_000;

export interface HubOptions {
  readonly broker: RoomLog & Deliveries;
  readonly store: Store;
  readonly outlet: RoomOutlet;
  readonly background: Background;
  readonly roomsMax: number;
  readonly lingerMs: number;
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

  constructor(options: HubOptions) {
    this.#options = options;
    this.#headsOfTurn = new DataLoader((rooms) => options.broker.heads(rooms).then((heads) => [...heads]), {
      cache: false,
      maxBatchSize: HEADS_PER_CALL,
      batchScheduleFn: setImmediate,
    });
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Rooms that receive deliveries. */
  *openRooms(): Generator<LiveRoom> {
    for (const room of this.#rooms.values()) if (room.isOpen) yield room;
  }

  /** The room of a subscription: a room with references is never removed. */
  joined(id: RoomId): LiveRoom {
    const room = this.#rooms.get(id);
    if (room === undefined) throw new Error(`room ${id} has references and is gone`);
    return room;
  }

  /** As the log has it now; null: the log does not know the room. */
  head(id: RoomId): Promise<RoomHead | null> {
    return this.#headsOfTurn.load(id);
  }

  /** For a room that the log does not know: it is new, or the log was lost and will number above the stored events. */
  async storedHead(id: RoomId): Promise<RoomHead> {
    const { epoch, seq } = await this.#options.store.events.head(id);
    return { epoch, seq, durable: seq };
  }

  /** undefined: the room is not served here. */
  find(id: RoomId): LiveRoom | undefined {
    return this.#rooms.get(id);
  }

  /** Counts one more reference to the room. The caller owes a `leave`, unless this rejects. */
  async join(id: RoomId): Promise<LiveRoom> {
    for (let closing = this.#rooms.get(id)?.closing; closing; closing = this.#rooms.get(id)?.closing) await closing;
    const room = this.#rooms.get(id) ?? this.#add(id);
    room.refs += 1;
    room.opening ??= this.#open(room);
    const { opening } = room;
    try {
      await opening;
    } catch (error) {
      this.#giveUp(room, opening);
      throw error;
    }
    return room;
  }

  /** Ends a subscription in any state. A second call does nothing. */
  leave(connection: Connection, id: RoomId, subscription: Subscription): void {
    if (connection.subscriptions.get(id) === subscription) connection.subscriptions.delete(id);
    // A catch-up that waits for the connection to drain ends at once.
    if (subscription.state !== "live") connection.wakeDrained();
    if (subscription.live === null) return;
    connection.removeTopic(topicOf(id, subscription.state));
    subscription.live.listeners.delete(connection);
    subscription.live = null;
    const room = this.joined(id);
    room.refs -= 1;
    if (room.refs === 0) room.lingerUntil = performance.now() + this.#options.lingerMs;
  }

  leaveAll(connection: Connection): void {
    for (const [id, subscription] of connection.subscriptions) this.leave(connection, id, subscription);
  }

  /** Closes rooms without references after their linger, and drops old frames. */
  async sweep(): Promise<void> {
    const now = performance.now();
    const leaving: Promise<void>[] = [];
    for (const room of this.#rooms.values()) {
      room.ring.forgetOld(now);
      if (room.refs > 0 || room.closing !== null || !room.isOpen || now < room.lingerUntil) continue;
      room.closing = this.#close(room);
      leaving.push(room.closing);
    }
    await Promise.all(leaving);
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
    room.open((await this.head(room.id)) ?? (await this.storedHead(room.id)));
  }

  /** The room could not be opened: the last caller closes it. */
  #giveUp(room: LiveRoom, opening: Promise<void>): void {
    if (room.opening === opening) room.opening = null;
    room.refs -= 1;
    if (room.refs > 0 || this.#rooms.get(room.id) !== room) return;
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
