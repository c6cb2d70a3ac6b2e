import { HubbubError } from "@hubbub/client";

const FIRST_MS = 500;
const LAST_MS = 30_000;

/**
 * Repeats `work` until it succeeds. Answers undefined when nobody wants it any more.
 * @throws what cannot succeed later
 */
export async function persist<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const result = await work();
      return signal.aborted ? undefined : result;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof HubbubError) || !error.shouldRetry()) throw error;
      const backoffMs = Math.min(LAST_MS, FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
      await pause(Math.max(backoffMs, error.retryAfterMs ?? 0), signal);
    }
  }
  return undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
