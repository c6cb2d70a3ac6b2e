/** Turns that hold over all processes, for least times between two actions. */
export interface Turns {
  /**
   * Takes the turn of a key for `ttlMs`. Returns 0, also to the holder that has it already, or the ms until it is free.
   * Keys have at most 200 characters.
   */
  take(key: string, holder: string, ttlMs: number): Promise<number>;
}
