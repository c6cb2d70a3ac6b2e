import { setTimeout as delay } from "node:timers/promises";

/** Resolves after `ms`, or as soon as the signal says so. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What `promise` brings, or null as soon as the signal says so; nobody hears of it then. */
export async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | null> {
  let leave = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    leave = () => resolve(null);
  });
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", leave));
}
