import type { LiveRoom } from "./live-room.ts";

/**
 * One timer for all hot rooms: uWS writes once per subscriber and loop turn, so frames that leave in one turn cost as
 * much as one frame.
 */
export class Flusher {
  readonly #maxMs: number;
  readonly #hotPerSecond: number;
  /** Rooms with gathered frames; bounded by the live rooms. */
  readonly #rooms = new Set<LiveRoom>();
  #timer: NodeJS.Timeout | undefined;

  constructor(maxMs: number, hotPerSecond: number) {
    this.#maxMs = maxMs;
    this.#hotPerSecond = hotPerSecond;
  }

  isHot(deliveriesPerSecond: number): boolean {
    return this.#maxMs > 0 && deliveriesPerSecond > this.#hotPerSecond;
  }

  add(room: LiveRoom): void {
    this.#rooms.add(room);
    this.#timer ??= setTimeout(() => this.flush(), this.#maxMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const room of this.#rooms) room.flush();
    this.#rooms.clear();
  }
}
