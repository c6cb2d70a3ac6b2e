import { setTimeout as delay } from "node:timers/promises";
import type { Recorder } from "./recorder.ts";

const LOOK_MS = 20;

/**
 * Waits until no recorder waits for an ack, and everybody has the newest event of every room and its mark. Then, or at
 * the deadline, all of them are said to be present: what somebody still lacks is for the checker to find.
 * Answers what was not reached.
 */
export async function settle(recorders: readonly Recorder[], timeoutMs: number): Promise<readonly string[]> {
  const deadline = performance.now() + timeoutMs;
  let lacking = whatLacks(recorders);
  while (lacking.length > 0 && performance.now() < deadline) {
    await delay(LOOK_MS);
    lacking = whatLacks(recorders);
  }
  for (const recorder of recorders) recorder.present();
  return lacking;
}

function whatLacks(recorders: readonly Recorder[]): string[] {
  const newest = new Map<string, number>();
  for (const { places } of recorders) {
    for (const [room, place] of places) newest.set(room, Math.max(newest.get(room) ?? 0, place.newest));
  }
  return recorders.flatMap((recorder) => [
    ...(recorder.waiting > 0 ? [`${recorder.client} waits for ${recorder.waiting} acks`] : []),
    ...[...recorder.places].flatMap(([room, place]) => {
      const head = newest.get(room) ?? 0;
      const at = place.since?.seq ?? 0;
      if (!place.isLive) return [`${recorder.client} is not subscribed to ${room}`];
      if (at < head) return [`${recorder.client} is at ${at} of ${head} in ${room}`];
      return place.durable < head ? [`${recorder.client} knows ${place.durable} of ${head} durable in ${room}`] : [];
    }),
  ]);
}
