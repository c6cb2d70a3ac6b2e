import { setTimeout as delay } from "node:timers/promises";
import { type Cluster, isUnavailable } from "@hubbub/store";

const LOOK_MS = 1_000;

/** Looks whether the database is still of the generation in which this process works. */
export class GenerationWatch implements Disposable {
  readonly #cluster: Pick<Cluster, "generation">;
  readonly #own: number;
  readonly #stopping = new AbortController();
  /**
   * Resolves with a sentence for the log when it is not: the database was adopted, or set back to a state from before an adoption. The keys
   * of Redis carry the generation, so the process has to begin anew. Pending until then, also while Postgres is away.
   */
  readonly ended: Promise<string>;

  constructor(cluster: Pick<Cluster, "generation">, own: number, lookMs = LOOK_MS) {
    this.#cluster = cluster;
    this.#own = own;
    this.ended = this.#watch(lookMs);
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
  }

  async #watch(lookMs: number): Promise<string> {
    const { signal } = this.#stopping;
    for (;;) {
      await delay(lookMs, undefined, { ref: false, signal }).catch(() => undefined);
      const now = signal.aborted ? this.#own : await this.#now();
      if (signal.aborted) return await new Promise(() => undefined);
      if (now !== this.#own)
        return `the database is of generation ${now}, this process works in ${this.#own}: it ends, to be started again`;
    }
  }

  async #now(): Promise<number> {
    try {
      return await this.#cluster.generation();
    } catch (error) {
      if (isUnavailable(error) || this.#stopping.signal.aborted) return this.#own;
      throw error;
    }
  }
}
