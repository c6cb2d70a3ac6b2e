type Publish = (topic: string, frame: string) => void;

/** Frames of a room that gather until the flush, and then leave. */
export interface GatheringRoom {
  flush(): void;
}

/** Acks of a connection that do so. */
export interface GatheringConnection {
  flushAmongTopics(publish: Publish): void;
}

const HEAT_WINDOW_MS = 100;
/**
 * Acks come in bursts, for batches leave together, and what the same batches deliver comes in the same moment. So the
 * first ack calls the flush: nothing is gained by waiting for longer.
 */
const ACKED_MS = 1;

/**
 * Lets a busy gateway write less often. uWS writes once per connection and loop turn however many frames there are, so
 * frames of all rooms, and the acks, leave in one turn: a write saved costs as much as several frames. A gateway with
 * less to do flushes nothing here: everything leaves at once.
 */
export class Flusher {
  readonly #maxMs: number;
  readonly #hotPerSecond: number;
  readonly #publish: Publish;
  /** Bounded by rooms and connections. */
  readonly #rooms = new Set<GatheringRoom>();
  readonly #connections = new Set<GatheringConnection>();
  #timer: NodeJS.Timeout | undefined;
  #isAcked = false;
  #isHot = false;
  #windowStart = 0;
  #windowDeliveries = 0;

  /** `publish`: to every connection with the topic. */
  constructor(maxMs: number, hotPerSecond: number, publish: Publish) {
    this.#publish = publish;
    this.#maxMs = maxMs;
    this.#hotPerSecond = hotPerSecond;
  }

  /** Frames are to be gathered: this gateway delivers many. */
  get isHot(): boolean {
    return this.#isHot;
  }

  /** A frame goes to this many connections. `now`: monotonic ms. */
  count(connections: number, now: number): void {
    this.#windowDeliveries += connections;
    const elapsed = now - this.#windowStart;
    if (elapsed < HEAT_WINDOW_MS) return;
    this.#isHot = this.#maxMs > 0 && (this.#windowDeliveries * 1_000) / elapsed > this.#hotPerSecond;
    this.#windowDeliveries = 0;
    this.#windowStart = now;
  }

  addRoom(room: GatheringRoom): void {
    this.#rooms.add(room);
    this.#schedule();
  }

  /** For an ack: see `ACKED_MS`. */
  addConnection(connection: GatheringConnection): void {
    this.#connections.add(connection);
    if (this.#isAcked) return;
    this.#isAcked = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), Math.min(ACKED_MS, this.#maxMs));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAcked = false;
    for (const room of this.#rooms) room.flush();
    for (const connection of this.#connections) connection.flushAmongTopics(this.#publish);
    this.#rooms.clear();
    this.#connections.clear();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), this.#maxMs);
  }
}
