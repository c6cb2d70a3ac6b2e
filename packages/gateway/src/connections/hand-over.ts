import { setTimeout as delay } from "node:timers/promises";
import { CLOSE } from "@hubbub/protocol";
import type { Connection } from "./connection.ts";
import { encodeGoaway } from "./frames.ts";

const STEP_MS = 50;
/** Clients reconnect at a random moment within this time, so that the next gateway sees no wave. */
const SPREAD_MS = 500;
/** A connection that is still open this long after its goaway is closed. */
const GRACE_MS = 1_000;

/**
 * Hands connections over at an even pace: each is told to go, and closed when it has not gone. Ends early, with
 * whatever is left, when the signal fires.
 */
export async function handOver(
  connections: Iterable<Connection>,
  windowMs: number,
  signal: AbortSignal,
): Promise<void> {
  const leaving = [...connections];
  const perStep = Math.ceil((leaving.length * STEP_MS) / Math.max(windowMs, STEP_MS));
  const graceSteps = Math.ceil(GRACE_MS / STEP_MS);
  for (let step = 0; !signal.aborted; step++) {
    for (const connection of leaving.slice(step * perStep, (step + 1) * perStep)) {
      connection.send(encodeGoaway(Math.floor(Math.random() * SPREAD_MS)));
    }
    const closed = (step - graceSteps + 1) * perStep;
    for (const connection of leaving.slice(Math.max(closed - perStep, 0), Math.max(closed, 0))) {
      connection.close(CLOSE.goaway, "goaway");
    }
    if (closed >= leaving.length || leaving.every(({ isOpen }) => !isOpen)) return;
    await delay(STEP_MS);
  }
}
