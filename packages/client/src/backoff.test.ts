import fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF_CAP_MS, backoffMs } from "./backoff.ts";

test("a delay is spread over the whole span, and the span doubles up to the cap", () => {
  expect([0, 1, 2, 5, 6, 99].map((attempt) => backoffMs(attempt, 0.999_999))).toEqual([
    249, 499, 999, 7999, 9999, 9999,
  ]);
  expect([0, 3, 99].map((attempt) => backoffMs(attempt, 0))).toEqual([0, 0, 0]);
});

test("G8 no attempt and no random value gives a delay over the cap", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const delay = backoffMs(attempt, random);
      return delay >= 0 && delay < BACKOFF_CAP_MS;
    }),
  );
});
