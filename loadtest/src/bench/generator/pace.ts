import { setTimeout as sleep } from "node:timers/promises";

const MS_PER_SECOND = 1_000;

const MICROSECONDS_PER_MS = 1_000;
/**
 * A timer fires up to a tick late; that is the generator's doing. What is later than a tick is charged to the message
 * as delay, so that a stalled sender cannot hide a stalled server.
 */
const TIMER_TICK_MS = 1.5;

export function nowMicroseconds(): number {
  return performance.now() * MICROSECONDS_PER_MS;
}

/** The time from which a message counts that is sent now and was due at `dueMs`, in microseconds. */
export function chargedFrom(dueMs: number): number {
  return Math.min(nowMicroseconds(), (dueMs + TIMER_TICK_MS) * MICROSECONDS_PER_MS);
}

/**
 * Open loop: message n is due n / rate seconds after the start, whatever became of those before. What a late timer
 * missed is sent at once. Resolves when the signal is aborted; answers how many were sent.
 */
export async function pace(
  rate: number,
  signal: AbortSignal,
  send: (index: number, dueMs: number) => void,
): Promise<number> {
  const started = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - started) * rate) / MS_PER_SECOND);
    for (; sent < due; sent++) send(sent, started + ((sent + 1) * MS_PER_SECOND) / rate);
    await sleep(1);
  }
  return sent;
}
