import type { SubscribedRoom } from "./subscription.ts";

type Publish = (topic: string, frame: string) => void;
type GatheringRoom = Pick<SubscribedRoom, "flush">;

/** A connection with acks that wait for the next flush. */
interface GatheringConnection {
  flushAmongTopics(publish: Publish): void;
}

/** Interval between two reads of the load. */
const READ_LOAD_MS = 20;
/**
 * Acks come in bursts, because batches leave together, and the deliveries of the same batches arrive at the same moment.
 * So the first ack schedules the flush: a longer wait gains nothing.
 */
const ACK_MS = 1;

/**
 * Lets a busy gateway write less often. uWS writes once per connection and loop turn however many frames there are, so
 * frames of all rooms, and the acks, leave in one turn: a saved write is worth several frames. A gateway that is not busy
 * gathers nothing: everything leaves at once.
 */
export class Flusher {
  readonly #readGatherMs: (now: number) => number;
  readonly #publish: Publish;
  /** Bounded by rooms and connections. */
  readonly #rooms = new Set<GatheringRoom>();
  readonly #connections = new Set<GatheringConnection>();
  #timer: NodeJS.Timeout | undefined;
  #isAckTimer = false;
  /** 0: nothing is gathered. */
  #gatherMs = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  /** `gatherMs`: how long frames may gather at a moment in monotonic ms. `publish`: to every connection with the topic. */
  constructor(gatherMs: (now: number) => number, publish: Publish) {
    this.#publish = publish;
    this.#readGatherMs = gatherMs;
  }

  /** Whether frames are gathered, because this gateway is busy. */
  get isHot(): boolean {
    return this.#gatherMs > 0;
  }

  /** Call it before a frame leaves. `now`: monotonic ms. */
  readLoad(now: number): void {
    if (now - this.#readAt < READ_LOAD_MS) return;
    this.#readAt = now;
    this.#gatherMs = this.#readGatherMs(now);
  }

  addRoom(room: GatheringRoom): void {
    this.#rooms.add(room);
    this.#timer ??= setTimeout(() => this.flush(), this.#gatherMs);
  }

  /** The connection has an ack to send: see `ACK_MS`. */
  addConnection(connection: GatheringConnection): void {
    this.#connections.add(connection);
    if (this.#isAckTimer) return;
    this.#isAckTimer = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), Math.min(ACK_MS, this.#gatherMs));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAckTimer = false;
    for (const room of this.#rooms) room.flush();
    for (const connection of this.#connections) connection.flushAmongTopics(this.#publish);
    this.#rooms.clear();
    this.#connections.clear();
  }
}
