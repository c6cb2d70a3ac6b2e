import { expect, test } from "vitest";
import { LoopLoad } from "./loop-load.ts";

/** A loop that is busy for `share` of the time from `at` on. */
function load(options: { fromPercent: number; fullPercent: number }) {
  let share = 0;
  const measure = () => ({ idle: 0, active: 0, utilization: share });
  const loop = new LoopLoad({ ...options, measure });
  let now = performance.now();
  return {
    gatherMs(busy: number): number {
      share = busy;
      now += 1_000;
      return loop.gatherMs(10, now);
    },
  };
}

test("work gathers from the lower bound on, little at first, and for the longest from the upper one on", () => {
  const loop = load({ fromPercent: 40, fullPercent: 80 });
  expect([0, 0.2, 0.4].map(loop.gatherMs)).toEqual([0, 0, 0]);
  // 0.4 ms, which a timer cannot wait.
  expect(loop.gatherMs(0.48)).toBe(0);
  expect(loop.gatherMs(0.5)).toBeCloseTo(0.625);
  expect(loop.gatherMs(0.6)).toBeCloseTo(2.5);
  expect([0.8, 0.9, 1].map(loop.gatherMs)).toEqual([10, 10, 10]);
});

test("with both bounds at 0 work gathers for the longest at any load, with both at 100 only at full load", () => {
  expect(load({ fromPercent: 0, fullPercent: 0 }).gatherMs(0)).toBe(10);
  expect(load({ fromPercent: 100, fullPercent: 100 }).gatherMs(0.99)).toBe(0);
});

test("a loop that works all the time is found busy", () => {
  const loop = new LoopLoad({ fromPercent: 40, fullPercent: 80 });
  const until = performance.now() + 250;
  let now = performance.now();
  while (now < until) now = performance.now();
  expect(loop.gatherMs(10, now)).toBe(10);
});
