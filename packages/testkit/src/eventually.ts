import { setTimeout as sleep } from "node:timers/promises";

export interface EventuallyOptions {
  /** Default 5000. At the deadline the last error of `attempt` is thrown. */
  readonly timeoutMs?: number | undefined;
  /** Pause between two attempts, default 25. */
  readonly intervalMs?: number | undefined;
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Repeats `attempt` until it does not throw, and answers what it answered. */
export async function eventually<T>(attempt: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 5_000, intervalMs = 25, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() + intervalMs > deadline) throw error;
    }
    await sleep(intervalMs);
  }
}
