import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "./histogram.ts";

test("a percentile is within 1.6 % of the true one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50_000_000 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
        expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact * 0.016);
      },
    ),
  );
});

test("a histogram that went to another process and was added says the same", () => {
  const one = new Histogram();
  for (let value = 0; value < 10_000; value += 7) one.record(value);
  const two = new Histogram(one.toArray());
  two.add(new Histogram(one.toArray()));
  expect(two.total).toBe(2 * one.total);
  expect(two.percentile(0.99)).toBe(one.percentile(0.99));
});

test("nothing counted has no percentile, and more than an hour counts as an hour", () => {
  const histogram = new Histogram();
  expect(histogram.percentile(0.5)).toBeNaN();
  histogram.record(1e12);
  expect(histogram.percentile(1) / 3_600_000_000).toBeCloseTo(1, 1);
});
