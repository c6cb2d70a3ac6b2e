import { expect, test } from "vitest";
import { isAtMost, ratioOf, type Window, type WindowPair } from "./ratio.ts";

const windowOf = (cpuSeconds: number, count = 1_000): Window => ({
  cpuSeconds,
  count,
  machine: { others: 0, stolen: 0 },
});
const pair = (before: number, after: number): WindowPair => ({ before: windowOf(before), after: windowOf(after) });

test("a ratio is CPU per message after to before, whatever number of messages a window had", () => {
  const ratio = ratioOf([
    { before: windowOf(1, 1_000), after: windowOf(1.1, 1_000) },
    { before: windowOf(2, 2_000), after: windowOf(1.1, 1_000) },
  ]);
  expect(ratio.before).toBeCloseTo(1_000);
  expect(ratio.after).toBeCloseTo(1_100);
  expect(ratio.mean).toBeCloseTo(1.1);
  expect(ratio.margin).toBeCloseTo(0);
});

test("opposite deviations of pairs cancel out, and remain in spread and margin", () => {
  const ratio = ratioOf([pair(1, 2), pair(2, 1)]);
  expect(ratio).toMatchObject({ mean: 1, lowest: 0.5, highest: 2 });
  expect(ratio.margin).toBeGreaterThan(1);
});

test("the answer is clear only if it is further from the bound than the noise", () => {
  const quiet = ratioOf([pair(1, 1.001), pair(1, 0.999)]);
  expect(isAtMost(quiet, 1.03)).toBe("yes");
  expect(isAtMost(ratioOf([pair(1, 1.051), pair(1, 1.049)]), 1.03)).toBe("no");
  expect(isAtMost(ratioOf([pair(1, 1.2), pair(1, 0.9)]), 1.03)).toBe("unclear");
});

test("one pair says nothing about noise", () => {
  expect(isAtMost(ratioOf([pair(1, 1)]), 1.03)).toBe("unclear");
});
