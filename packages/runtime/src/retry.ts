import { setTimeout as delay } from "node:timers/promises";

/** A unit of work that is repeated until it is done. */
export interface Loop {
  readonly isDone: boolean;
  step(): Promise<void>;
  /** Decides what an error of `step` means, waits if a retry can help, and rethrows bugs. */
  recover(error: unknown): Promise<void>;
}

/** Calls `step` until the loop is done. The only place that catches its errors. */
export async function runLoop(loop: Loop): Promise<void> {
  while (!loop.isDone) {
    try {
      await loop.step();
    } catch (error) {
      await loop.recover(error);
    }
  }
}

const FIRST_MS = 100;
const MAX_MS = 2_000;

/** Milliseconds before attempt number `attempt` (from 0): doubles up to 2 s; the upper half is random. */
export function backoffMs(attempt: number, chance: number = Math.random()): number {
  const full = Math.min(MAX_MS, FIRST_MS * 2 ** attempt);
  return full / 2 + (chance * full) / 2;
}

/** One to two times `ms`: clients that are refused together do not come back together. */
export function spread(ms: number): number {
  return Math.round(ms * (1 + Math.random()));
}

/** Resolves after `ms`, or when the signal aborts. With `ref` false it does not keep the process alive. */
export async function pause(ms: number, signal: AbortSignal, ref = true): Promise<void> {
  try {
    await delay(ms, undefined, { signal, ref });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The result of `promise`, or null when the signal aborts first; the promise is not observed any more then. */
export async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | null> {
  let leave = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    leave = () => resolve(null);
  });
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", leave));
}
