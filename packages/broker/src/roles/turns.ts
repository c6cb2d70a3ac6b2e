import { DEDUPE_WINDOW_MS } from "@hubbub/protocol";

/** A message that is sent again is recognised for the dedupe window; a repeat on its way must not outlast it. */
export const TURN_REPEATS_MS = DEDUPE_WINDOW_MS - 60_000;

/** Turns that hold over all processes, for least times between two actions. */
export interface Turns {
  /**
   * Takes the turn of a key for `ttlMs`. Returns 0, also to the holder that took it less than
   * `TURN_REPEATS_MS` ago, or the ms until it is free. All calls for a key name the same `ttlMs`.
   * Keys have at most 200 characters.
   */
  take(key: string, holder: string, ttlMs: number): Promise<number>;
}
