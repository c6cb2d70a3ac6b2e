/** Interval between two measurements of the event loop. */
export const MEASURE_MS = 100;

/**
 * Work that an overloaded gateway sheds, in this order, by how late its event loop is, in multiples of SHED_DELAY_MS.
 * Accepting events and delivering accepted ones is never shed.
 */
const SHED_AT = { typing: 1, presence: 2, history: 4, connections: 8 } as const;

export type Sheddable = keyof typeof SHED_AT;

export interface ShedMetrics {
  shed(what: Sheddable): void;
}

/** Measures how late the event loop is, and decides which work the gateway sheds. */
export class LoadShedder {
  readonly #shedDelayMs: number;
  readonly #metrics: ShedMetrics;
  /** Halves with each measurement, so that shedding ends within a second. */
  #lateMs = 0;
  #measuredAt: number | null = null;
  #lateBefore = 0;

  /** `shedDelayMs` 0: nothing is ever shed. */
  constructor(shedDelayMs: number, metrics: ShedMetrics) {
    this.#shedDelayMs = shedDelayMs;
    this.#metrics = metrics;
  }

  /** Call it every MEASURE_MS. `now`: monotonic ms. */
  measure(now: number): void {
    const late = this.#measuredAt === null ? 0 : now - this.#measuredAt - MEASURE_MS;
    this.#measuredAt = now;
    // Twice in a row: one hiccup, or a process that was stopped for a while, is no overload.
    this.#lateMs = Math.max(Math.min(late, this.#lateBefore), this.#lateMs / 2);
    this.#lateBefore = late;
  }

  /** Whether to skip this work now; counts it when true. */
  shouldShed(what: Sheddable): boolean {
    const isShed = this.#shedDelayMs > 0 && this.#lateMs >= this.#shedDelayMs * SHED_AT[what];
    if (isShed) this.#metrics.shed(what);
    return isShed;
  }
}
