import { expect, test } from "vitest";
import { FLOOR_MS, judge, percentile } from "./windows.ts";

const flat = (ms: number): number[] => Array.from({ length: 100 }, () => ms);

test("the 99th percentile leaves out one of a hundred", () => {
  expect(percentile([...flat(1).slice(1), 50])).toBe(1);
  expect(percentile([...flat(1).slice(2), 50, 60])).toBe(50);
  expect(() => percentile([])).toThrow(RangeError);
});

test("an attack may cost half as much again, or the floor, and one bad window of a kind does not decide", () => {
  expect(judge([flat(10)], [flat(15)])).toMatchObject({ ratio: 1.5, holds: true });
  expect(judge([flat(10)], [flat(16)])).toMatchObject({ holds: false });
  expect(judge([flat(1)], [flat(1 + FLOOR_MS)])).toMatchObject({ holds: true });
  expect(judge([flat(1)], [flat(1.1 + FLOOR_MS)])).toMatchObject({ holds: false });
  expect(judge([flat(10), flat(10), flat(900)], [flat(12), flat(11), flat(900)])).toMatchObject({
    calmMs: 10,
    attackedMs: 12,
    holds: true,
  });
});
