import { type Logger, pause } from "@hubbub/runtime";
import type { GatewayMetrics } from "./metrics.ts";

/**
 * The owner of work that no client waits for. A failed round is counted and repeated: the log or the
 * store may be away for a while. The first failure of a task and its recovery are logged.
 */
export class Background {
  readonly #log: Logger;
  readonly #metrics: GatewayMetrics;
  /** Tasks whose last round failed; bounded by the names of tasks. */
  readonly #failing = new Set<string>();
  readonly #stopping = new AbortController();
  /** One per loop. */
  readonly #loops: Promise<void>[] = [];

  constructor(log: Logger, metrics: GatewayMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Resolves to whether the round succeeded. Never rejects. */
  async attempt(task: string, round: () => Promise<void> | void): Promise<boolean> {
    try {
      await round();
      if (this.#failing.delete(task)) this.#log.info({ task }, "background work recovered");
      return true;
    } catch (error) {
      this.#metrics.taskFailed(task);
      if (!this.#failing.has(task)) this.#log.warn({ err: error, task }, "background work failed");
      this.#failing.add(task);
      return false;
    }
  }

  /** Whether the last round of the task failed. */
  isFailing(task: string): boolean {
    return this.#failing.has(task);
  }

  /** A round at once, then `everyMs` after the end of each. */
  loop(task: string, everyMs: number, round: () => Promise<void> | void): void {
    const { signal } = this.#stopping;
    const run = async () => {
      while (!signal.aborted) {
        await this.attempt(task, round);
        await pause(everyMs, signal, false);
      }
    };
    this.#loops.push(run());
  }

  /** Resolves when the running rounds have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }
}
