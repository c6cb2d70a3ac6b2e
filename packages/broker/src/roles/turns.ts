import { DEDUPE_WINDOW_MS } from "@hubbub/protocol";

/** A holder may take its turn again for this long: for less than the dedupe window, so that the repeated message is recognised. */
export const TURN_REPEATS_MS = DEDUPE_WINDOW_MS - 60_000;

/** Minimum intervals between two actions, over all processes: of slow mode, and for what may happen once. */
export interface Turns {
  /**
   * Takes the turn of a key for `ttlMs`. Returns 0 if it was free, or if this holder took it less than
   * `TURN_REPEATS_MS` ago; otherwise the ms until it is free. All calls for a key name the same `ttlMs`.
   * Keys have at most 200 characters.
   */
  take(key: string, holder: string, ttlMs: number): Promise<number>;
}
