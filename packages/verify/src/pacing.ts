import { setTimeout as delay } from "node:timers/promises";
import type { Audit } from "./audit.ts";

/** How long a pause after one read may be. */
const PAUSE_MAX_MS = 100;
/** Looks at what seems wrong. */
const LOOKS = 4;
/** … and the time between two: what is under way has settled by then. */
const AGAIN_MS = 1_000;

/** For a database that others use: a pause behind each page. */
export function gentle(audit: Audit): Audit {
  return {
    ...audit,
    rooms: (...asked) => gently(() => audit.rooms(...asked)),
    eventRooms: (...asked) => gently(() => audit.eventRooms(...asked)),
    rows: (...asked) => gently(() => audit.rows(...asked)),
    misfits: (...asked) => gently(() => audit.misfits(...asked)),
    states: (...asked) => gently(() => audit.states(...asked)),
    changes: (...asked) => gently(() => audit.changes(...asked)),
    members: (...asked) => gently(() => audit.members(...asked)),
  };
}

/** After each read as long a pause as it took: whatever the size, half a connection at most is kept busy. */
export async function gently<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  const before = performance.now();
  const answer = await read();
  await delay(Math.min(performance.now() - before, PAUSE_MAX_MS));
  return answer;
}

/**
 * Looks at things until nothing seems wrong with them, a bounded number of times: a live cluster is in motion, and only what
 * stays is a fault. Answers the last look at each.
 */
export async function lookAgain<Thing, Seen extends { readonly isFaulty: boolean }>(
  things: readonly Thing[],
  look: (thing: Thing) => Promise<Seen>,
  againMs = AGAIN_MS,
): Promise<readonly Seen[]> {
  const seen = new Map<Thing, Seen>();
  let left = things;
  for (let round = 0; round < LOOKS && left.length > 0; round += 1) {
    if (round > 0) await delay(againMs);
    for (const thing of left) seen.set(thing, await look(thing));
    left = left.filter((thing) => seen.get(thing)?.isFaulty);
  }
  return [...seen.values()];
}
