type Publish = (topic: string, frame: string) => void;

/** Frames of a room that gather until the flush, and then leave. */
export interface GatheringRoom {
  flush(): void;
}

/** Acks of a connection that do so. */
export interface GatheringConnection {
  flushAmongTopics(publish: Publish): void;
}

/** How often the load is asked for. */
const LOOK_MS = 20;
/** Timers have whole milliseconds: less than half of one is no wait. */
const TIMER_MIN_MS = 0.5;
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
  readonly #holdBackMs: (now: number) => number;
  readonly #publish: Publish;
  /** Bounded by rooms and connections. */
  readonly #rooms = new Set<GatheringRoom>();
  readonly #connections = new Set<GatheringConnection>();
  #timer: NodeJS.Timeout | undefined;
  #isAcked = false;
  /** 0: nothing is gathered. */
  #gatherMs = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** `holdBackMs`: how long frames may gather, asked with monotonic ms. `publish`: to every connection with the topic. */
  constructor(holdBackMs: (now: number) => number, publish: Publish) {
    this.#publish = publish;
    this.#holdBackMs = holdBackMs;
  }

  /** Frames are to be gathered: this gateway is busy. */
  get isHot(): boolean {
    return this.#gatherMs > 0;
  }

  /** A frame is about to leave. `now`: monotonic ms. */
  look(now: number): void {
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const ms = this.#holdBackMs(now);
    this.#gatherMs = ms < TIMER_MIN_MS ? 0 : ms;
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
    this.#timer = setTimeout(() => this.flush(), Math.min(ACKED_MS, this.#gatherMs));
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
    this.#timer ??= setTimeout(() => this.flush(), this.#gatherMs);
  }
}
