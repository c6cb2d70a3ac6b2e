import { DEDUPE_WINDOW_MS } from "@hubbub/protocol";

/** Past this the oldest are forgotten before the window ends: at 5,000 events a second it is 100 s long. */
const ENTRIES_MAX = 500_000;

export interface Numbers {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

/** What a re-sent event is recognised by. Oldest first, as a map keeps its order and all entries live equally long. */
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
