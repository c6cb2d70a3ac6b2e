import { setTimeout as sleep } from "node:timers/promises";

const MS_PER_SECOND = 1_000;

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
