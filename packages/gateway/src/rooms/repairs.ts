import type { Background } from "../background.ts";
import type { LiveRoom } from "./live-room.ts";
import type { Pages } from "./pages.ts";

/** Concurrent repairs. After a broken subscription all rooms may need one; the others are queued. */
const AT_ONCE = 16;
/** A failed repair is retried by the first delivery or check after this. */
const RETRY_MS = 500;

/** Fills the holes of rooms with events from the timeline. */
export class Repairs {
  readonly #pages: Pages;
  readonly #background: Background;
  /** Bounded by the live rooms. */
  readonly #waiting = new Set<LiveRoom>();
  readonly #running = new Map<LiveRoom, Promise<void>>();

  constructor(pages: Pages, background: Background) {
    this.#pages = pages;
    this.#background = background;
  }

  start(room: LiveRoom): void {
    if (room.isRepairing || performance.now() < room.repairAfter) return;
    room.isRepairing = true;
    this.#waiting.add(room);
    this.#next();
  }

  /** Resolves when the repair of this room, if any, has ended. Never rejects. */
  async finished(room: LiveRoom): Promise<void> {
    while (room.isRepairing) await (this.#running.get(room) ?? Promise.race(this.#running.values()));
  }

  #next(): void {
    for (const room of this.#waiting) {
      if (this.#running.size >= AT_ONCE) return;
      this.#waiting.delete(room);
      this.#running.set(room, this.#run(room));
    }
  }

  async #run(room: LiveRoom): Promise<void> {
    const done = await this.#background.attempt("repair", () => fill(room, this.#pages));
    if (!done) room.repairAfter = performance.now() + RETRY_MS;
    room.isRepairing = false;
    this.#running.delete(room);
    this.#next();
    room.settle();
  }
}

async function fill(room: LiveRoom, pages: Pages): Promise<void> {
  while (room.last < room.wanted && room.isOpen) {
    const entries = await pages.readNow(room.id, room.last, room.holeEnd());
    if (entries.length === 0) throw new Error(`the timeline of room ${room.id} ends at ${room.last}`);
    for (const entry of entries) {
      if (entry.frame === null) room.skip(entry.seq, entry.epoch);
      else room.repair(entry.frame);
    }
    room.settle();
  }
}
