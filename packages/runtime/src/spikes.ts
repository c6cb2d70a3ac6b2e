import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

const WINDOW_MS = 10_000;
/** A window is a spike at this multiple of the usual count. */
const FACTOR = 5;
/** Weight of the last window in the usual count. */
const WEIGHT = 0.1;
/** After a spike the same kind is not told again for this long. */
const QUIET_MS = 60_000;

interface State {
  /** Number of the window in which `count` was counted. */
  window: number;
  count: number;
  usual: number;
  toldAt: number;
}

interface Options<Kind extends string> {
  /** The least count of a window that can be a spike, for each kind. 0: never. */
  readonly least: Readonly<Record<Kind, number>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Name of the counter: one process may look for spikes in two places. */
  readonly metric: string;
  readonly onSpike: (kind: Kind) => void;
}

/**
 * Finds unusual rates: a count in ten seconds that reaches its bound, and five times what is usual here. Two numbers for each
 * kind, and no timer. A rate that stays high becomes usual within a few minutes.
 */
export class Spikes<Kind extends string> {
  readonly #options: Options<Kind>;
  readonly #states = new Map<Kind, State>();
  readonly #told: (kind: Kind) => void;

  constructor(options: Options<Kind>) {
    this.#options = options;
    const spikes = options.metrics.counter(options.metric, "Unusual rates, by what rose", ["kind"]);
    this.#told = (kind) => spikes.inc({ kind });
    // A series that exists from the start can be alerted on.
    for (const kind of Object.keys(options.least)) spikes.inc({ kind }, 0);
  }

  /** `now`: monotonic ms. */
  count(kind: Kind, count = 1, now = performance.now()): void {
    const least = this.#options.least[kind];
    if (least === 0) return;
    const state = this.#stateOf(kind, now);
    state.count += count;
    if (state.count < least || state.count < FACTOR * state.usual || now - state.toldAt < QUIET_MS) return;
    state.toldAt = now;
    this.#told(kind);
    const { count: counted, usual } = state;
    this.#options.log.warn({ spike: kind, count: counted, usual, windowMs: WINDOW_MS }, "unusual rate");
    this.#options.onSpike(kind);
  }

  #stateOf(kind: Kind, now: number): State {
    const window = Math.floor(now / WINDOW_MS);
    const state = this.#states.get(kind) ?? { window, count: 0, usual: 0, toldAt: Number.NEGATIVE_INFINITY };
    this.#states.set(kind, state);
    if (state.window === window) return state;
    const ended = state.usual + WEIGHT * (state.count - state.usual);
    // The windows between were empty.
    state.usual = ended * (1 - WEIGHT) ** (window - state.window - 1);
    state.window = window;
    state.count = 0;
    return state;
  }
}
