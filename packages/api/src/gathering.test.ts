import { expect, test } from "vitest";
import { Gathering } from "./gathering.ts";

const FULL = 125;

/** Users come one by one at a steady rate, from the second 1 on. Resolves to the batches, and how long each user waited. */
function come(perSecond: number, seconds: number) {
  const gathering = new Gathering();
  const batches: number[] = [];
  const waits: number[] = [];
  let waiting: number[] = [];
  let left = perSecond * seconds;
  for (let ms = 1_000; left > 0 || waiting.length > 0; ms += 1) {
    const come = Math.min(left, Math.floor((ms * perSecond) / 1_000) - Math.floor(((ms - 1) * perSecond) / 1_000));
    left -= come;
    waiting.push(...Array.from({ length: come }, () => ms));
    if (waiting.length === 0 || (waiting.length < FULL && gathering.msLeft(ms) > 0)) continue;
    const batch = waiting.slice(0, FULL);
    waiting = waiting.slice(FULL);
    gathering.begin(batch.length, ms);
    batches.push(batch.length);
    waits.push(...batch.map((since) => ms - since));
  }
  return { batches: batches.length, longest: Math.max(...waits) };
}

test("10,000 users that come back cost at most one statement for 100 of them, whether they take 2 s or 40 s", () => {
  for (const seconds of [2, 5, 10, 20, 40]) {
    const { batches, longest } = come(10_000 / seconds, seconds);
    expect(batches).toBeLessThanOrEqual(100);
    expect(longest).toBeLessThanOrEqual(500);
  }
});

test("users who come slower than that cost at most two statements a second, and without a crowd nobody waits 50 ms", () => {
  for (const perSecond of [60, 100, 200]) {
    const { batches, longest } = come(perSecond, 10);
    expect(batches).toBeLessThanOrEqual(2 * 10 + 3);
    expect(longest).toBeLessThanOrEqual(500);
  }
  for (const perSecond of [1, 10, 20]) expect(come(perSecond, 10)).toEqual({ batches: perSecond * 10, longest: 0 });
  expect(come(40, 10).longest).toBeLessThan(50);
});
