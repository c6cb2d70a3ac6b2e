import { TURN_REPEATS_MS, type Turns } from "../roles/turns.ts";

/** Turns that are kept. At one more the oldest is dropped, and so may be taken too early. */
const TURNS_MAX = 100_000;

export class MemoryTurns implements Turns {
  readonly #turns = new Map<string, { readonly holder: string; readonly until: number }>();

  async take(key: string, holder: string, ttlMs: number): Promise<number> {
    const now = performance.now();
    const present = this.#turns.get(key);
    if (present !== undefined && present.until > now) {
      const isRepeated = present.holder === holder && ttlMs - (present.until - now) < TURN_REPEATS_MS;
      return isRepeated ? 0 : Math.ceil(present.until - now);
    }
    this.#turns.delete(key);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size >= TURNS_MAX && oldest !== undefined) this.#turns.delete(oldest);
    this.#turns.set(key, { holder, until: now + ttlMs });
    return 0;
  }
}
