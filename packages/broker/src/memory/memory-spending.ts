import { SPENDING_WINDOW_SECONDS, type Spending } from "../roles/spending.ts";

const WINDOW_MS = SPENDING_WINDOW_SECONDS * 1_000;

/** Bounded by the keys that spend within one window. */
export class MemorySpending implements Spending {
  #window = 0;
  readonly #sums = new Map<string, number>();

  async add(spent: Parameters<Spending["add"]>[0]): ReturnType<Spending["add"]> {
    const now = Date.now();
    const window = Math.floor(now / WINDOW_MS);
    if (window !== this.#window) this.#sums.clear();
    this.#window = window;
    const sums = spent.map(({ key, count }) => {
      const sum = (this.#sums.get(key) ?? 0) + count;
      this.#sums.set(key, sum);
      return sum;
    });
    return { leftMs: (window + 1) * WINDOW_MS - now, sums };
  }
}
