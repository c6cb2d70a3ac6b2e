import { setTimeout as sleep } from "node:timers/promises";
import { HubbubError } from "@hubbub/client";

const FIRST_MS = 500;
const LAST_MS = 15_000;

/**
 * Repeats a request until it succeeds, or nobody wants it any more.
 * @throws what cannot succeed later
 */
export async function persist(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof HubbubError) || !error.shouldRetry()) throw error;
      const waitMs = Math.min(LAST_MS, FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
      // An abort ends the wait, and with it the loop.
      await sleep(Math.max(waitMs, error.retryAfterMs ?? 0), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
