import type { Spent } from "./shared-rate.ts";

/** Mutes of this process, and those that it has heard of. Beyond it a mute holds where it was given. */
const MUTES_MAX = 10_000;
/** What a report of a mute adds to the spending of its key: no rate lets through as much in a window. */
const MUTED_SUM = 1_000_000_000;
/** A process that heard of a mute asks again at most this long after the end of a window. */
const ASKED_AGAIN_MS = 1_000;

/** Whether some process mutes the key whose spending has this sum. */
export function isMuted(sum: number): boolean {
  return sum >= MUTED_SUM;
}

/**
 * Mutes of keys over all processes. They travel with the reports of spending and cost no command of their own: a process reports what it
 * mutes in each window, and learns of a mute when it reports the key itself. Times are monotonic ms.
 */
export class Mutes<Key extends string> {
  readonly #own = new Map<Key, number>();
  readonly #elsewhere = new Map<Key, number>();

  muteUntil(key: Key, until: number): void {
    if (this.#own.size < MUTES_MAX || this.#own.has(key)) this.#own.set(key, until);
  }

  /** 0, or the milliseconds until the key may try again. */
  waitMs(key: Key, now: number): number {
    if (this.#own.size + this.#elsewhere.size === 0) return 0;
    const until = Math.max(this.#own.get(key) ?? 0, this.#elsewhere.get(key) ?? 0);
    return Math.max(0, Math.ceil(until - now));
  }

  /** What is to be reported: own mutes, and nothing spent by keys of which this process must hear whether they are muted still. */
  reports(now: number): Spent<Key>[] {
    forgetEnded(this.#own, now);
    forgetEnded(this.#elsewhere, now);
    const asked = [...this.#elsewhere.keys()].filter((key) => !this.#own.has(key));
    return [
      ...[...this.#own.keys()].map((key) => ({ key, count: MUTED_SUM })),
      ...asked.map((key) => ({ key, count: 0 })),
    ];
  }

  /** The key is muted in a window that ends at `until`. */
  heard(key: Key, until: number): void {
    if (this.#own.has(key) || (this.#elsewhere.size >= MUTES_MAX && !this.#elsewhere.has(key))) return;
    this.#elsewhere.set(key, until + ASKED_AGAIN_MS);
  }
}

function forgetEnded<Key>(mutes: Map<Key, number>, now: number): void {
  for (const [key, until] of mutes) if (until <= now) mutes.delete(key);
}
