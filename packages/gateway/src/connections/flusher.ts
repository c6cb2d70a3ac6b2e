import type { SubscribedRoom } from "./subscription.ts";

type Publish = (topic: string, frame: string) => void;
type GatheringRoom = Pick<SubscribedRoom, "flush">;

/** A connection with acks that wait for the next flush. */
interface GatheringConnection {
  flushAmongTopics(publish: Publish): void;
}

/** Interval between two reads of the load. */
const LOOK_MS = 20;
/** Timers count whole milliseconds: a shorter wait is none. */
const TIMER_MIN_MS = 0.5;
/**
 * Acks come in bursts, because batches leave together, and the deliveries of the same batches arrive at the same moment.
 * So the first ack schedules the flush: a longer wait gains nothing.
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

  /** Whether frames are gathered, because this gateway is busy. */
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
    this.#timer ??= setTimeout(() => this.flush(), this.#gatherMs);
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
}
