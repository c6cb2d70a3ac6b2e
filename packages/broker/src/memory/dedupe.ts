import { DEDUPE_WINDOW_MS } from "@hubbub/protocol";

/** Upper bound of entries; the oldest are evicted first. At 5,000 events a second it holds 100 s. */
const ENTRIES_MAX = 500_000;

export interface Numbers {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

/** Recognises re-sent events. Entries are in order of insertion, so the first one is the oldest. */
export class Dedupe {
  readonly #entries = new Map<string, Numbers>();

  find(key: string, now: number): Numbers | undefined {
    const found = this.#entries.get(key);
    return found !== undefined && found.at > now - DEDUPE_WINDOW_MS ? found : undefined;
  }

  add(key: string, numbers: Numbers): void {
    this.#entries.delete(key);
    this.#entries.set(key, numbers);
    for (const [oldest, { at }] of this.#entries) {
      if (this.#entries.size <= ENTRIES_MAX && at > numbers.at - DEDUPE_WINDOW_MS) break;
      this.#entries.delete(oldest);
    }
  }
}
