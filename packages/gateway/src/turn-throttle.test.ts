import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { TurnThrottle } from "./turn-throttle.ts";

test("a crowd that is caught up takes turns: eight chunks between two turns of the event loop, in their order", async () => {
  const throttle = new TurnThrottle(8);
  const left: number[] = [];
  const crowd = Array.from({ length: 30 }, async (_none, at) => {
    for (let chunk = 0; chunk < 2; chunk++) {
      await throttle.turn();
      left.push(at);
    }
  });
  // The first eight have left already, and eight more leave with this turn.
  await nextTurn();
  const perTurn: number[] = [];
  for (let before = left.length; before < 60; before = left.length) {
    await nextTurn();
    perTurn.push(left.length - before);
  }
  await Promise.all(crowd);
  expect(perTurn).toEqual([8, 8, 8, 8, 8, 4]);
  const each = Array.from(crowd.keys());
  expect(left).toEqual([...each, ...each]);
});
