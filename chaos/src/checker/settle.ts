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
  const heads = new Map<string, { newest: number; event: number }>();
  for (const { places } of recorders) {
    for (const [room, place] of places) {
      const head = heads.get(room) ?? { newest: 0, event: 0 };
      heads.set(room, {
        newest: Math.max(head.newest, place.newest),
        event: Math.max(head.event, place.newestEvent),
      });
    }
  }
  return recorders.flatMap((recorder) => [
    ...(recorder.waiting > 0 ? [`${recorder.client} waits for ${recorder.waiting} acks`] : []),
    ...[...recorder.places].flatMap(([room, place]) => {
      const { newest, event } = heads.get(room) ?? { newest: 0, event: 0 };
      const at = place.since?.seq ?? 0;
      if (!place.isLive) return [`${recorder.client} is not subscribed to ${room}`];
      if (at < newest) return [`${recorder.client} is at ${at} of ${newest} in ${room}`];
      return place.durable < event ? [`${recorder.client} knows ${place.durable} of ${event} durable in ${room}`] : [];
    }),
  ]);
}
