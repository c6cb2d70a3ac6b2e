/** How often the event loop is looked at. */
export const LOOK_MS = 100;

/**
 * What a gateway that does not keep up gives up, in this order: multiples of SHED_DELAY_MS by which its event loop is
 * late. Accepting and delivering what was accepted are not among them.
 */
const SHED_AT = { typing: 1, presence: 2, history: 4, connections: 8 } as const;

export type Sheddable = keyof typeof SHED_AT;

export interface ShedMetrics {
  shed(what: Sheddable): void;
}

/** Measures how late the event loop is, and decides what the gateway leaves undone for it. */
export class LoadShedder {
  readonly #shedDelayMs: number;
  readonly #metrics: ShedMetrics;
  /** Halves with each look, so that it is over within a second. */
  #lateMs = 0;
  #lookedAt: number | null = null;
  #lateBefore = 0;

  /** `shedDelayMs` 0: nothing is ever given up. */
  constructor(shedDelayMs: number, metrics: ShedMetrics) {
    this.#shedDelayMs = shedDelayMs;
    this.#metrics = metrics;
  }

  /** Wanted every LOOK_MS. `now`: monotonic ms. */
  look(now: number): void {
    const late = this.#lookedAt === null ? 0 : now - this.#lookedAt - LOOK_MS;
    this.#lookedAt = now;
    // Twice in a row: one hiccup, or a process that was stopped for a while, is no overload.
    this.#lateMs = Math.max(Math.min(late, this.#lateBefore), this.#lateMs / 2);
    this.#lateBefore = late;
  }

  /** Whether this one is to be left undone now; counted when it is. */
  shouldShed(what: Sheddable): boolean {
    const isShed = this.#shedDelayMs > 0 && this.#lateMs >= this.#shedDelayMs * SHED_AT[what];
    if (isShed) this.#metrics.shed(what);
    return isShed;
  }
}
