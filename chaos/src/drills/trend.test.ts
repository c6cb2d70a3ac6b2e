import { expect, test } from "vitest";
import { trendOf } from "./trend.ts";

const samples = (value: (at: number) => number) => Array.from({ length: 100 }, (_, at) => ({ at, value: value(at) }));

test("a trend is the growth of a straight line, and garbage that comes and goes is none", () => {
  expect(
    trendOf(
      samples((at) => 100 + at),
      0,
    ),
  ).toEqual({ mean: 149.5, growth: expect.closeTo(99) });
  expect(
    Math.abs(
      trendOf(
        samples((at) => 100 + (at % 5) * 4),
        0,
      ).growth,
    ),
  ).toBeLessThan(2);
});

test("what fills at first is left out, and too few samples are refused", () => {
  const filling = samples((at) => Math.min(at, 40));
  expect(trendOf(filling, 0).growth).toBeGreaterThan(20);
  expect(trendOf(filling, 40).growth).toBeCloseTo(0);
  expect(() => trendOf(filling, 98)).toThrow("three samples");
});
