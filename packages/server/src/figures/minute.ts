import type { Figures } from "@hubbub/protocol/http-figures";
import { figuresBetween } from "./figures-between.ts";
import type { Reading } from "./reading.ts";

export const MINUTE_MS = 60_000;
/** Rooms of one minute that are kept. */
export const BUSIEST_KEPT = 10;
const STATES = ["connections", "rooms", "memory", "unstored", "lag"] as const;

export interface EndedMinute {
  readonly minute: Date;
  readonly figures: Figures;
  /** Events a second by room. */
  readonly busiest: Readonly<Record<string, number>>;
}

/** Gathers one minute of the clock from the readings of a process. */
export class Minute {
  readonly #minute: number;
  readonly #first: Reading;
  #last: Reading;
  #readings = 0;
  readonly #sums = { connections: 0, rooms: 0, memory: 0, unstored: 0, lag: 0 };
  /** Bounded by the six sketches of a minute. */
  readonly #rooms = new Map<string, number>();

  /** `now`: Unix ms. `first`: the last reading of the minute before. */
  constructor(now: number, first: Reading) {
    this.#minute = Math.floor(now / MINUTE_MS);
    this.#first = first;
    this.#last = first;
  }

  /** Whether the reading of this moment is of a later minute. */
  isOver(now: number): boolean {
    return Math.floor(now / MINUTE_MS) !== this.#minute;
  }

  add(reading: Reading): void {
    this.#last = reading;
    this.#readings += 1;
    for (const state of STATES) this.#sums[state] += reading.states[state];
  }

  addRooms(counts: readonly (readonly [room: string, events: number])[]): void {
    for (const [room, events] of counts) this.#rooms.set(room, (this.#rooms.get(room) ?? 0) + events);
  }

  /** null: there was no reading in it. */
  end(): EndedMinute | null {
    if (this.#readings === 0) return null;
    const seconds = (this.#last.at - this.#first.at) / 1_000;
    const mean = (sum: number) => sum / this.#readings;
    const { connections, rooms, memory, unstored, lag } = this.#sums;
    const states = { connections: mean(connections), rooms: mean(rooms), memory: mean(memory) };
    const busiest = [...this.#rooms].sort(([, one], [, other]) => other - one).slice(0, BUSIEST_KEPT);
    return {
      minute: new Date(this.#minute * MINUTE_MS),
      figures: { ...figuresBetween(this.#first, this.#last), ...states, unstored: mean(unstored), lag: mean(lag) },
      busiest: Object.fromEntries(busiest.map(([room, events]) => [room, events / seconds])),
    };
  }
}
