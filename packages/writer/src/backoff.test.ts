import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("waits double from 100 ms to 2 s, half of each left to chance", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([
    100, 200, 400, 800, 1_600, 2_000, 2_000,
  ]);
  expect(backoffMs(3, 0)).toBe(400);
});
