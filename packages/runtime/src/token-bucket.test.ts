import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyedLimiter } from "./keyed-limiter.ts";
import { TokenBucket } from "./token-bucket.ts";

test("G8 no window of any length lets more through than rate and burst allow", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 200 }),
      (rate, gaps) => {
        const bucket = new TokenBucket(rate, 0);
        let now = 0;
        let taken = 0;
        for (const gap of gaps) {
          now += gap;
          if (bucket.take(now) === 0) taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(rate + (now * rate) / 1000);
      },
    ),
  );
});

test("a refusal says when to come back, and then it works", () => {
  const bucket = new TokenBucket(2, 0);
  expect([bucket.take(0), bucket.take(0)]).toEqual([0, 0]);
  const wait = bucket.take(0);
  expect(wait).toBe(500);
  expect(bucket.take(wait)).toBe(0);
});

test("keys are limited apart", () => {
  const limiter = new KeyedLimiter(1);
  expect(limiter.take("a", 0)).toBe(0);
  expect(limiter.take("a", 0)).toBe(1000);
  expect(limiter.take("b", 0)).toBe(0);
});

test("G8 a cost charged afterwards delays the next take until the rate has paid for it", () => {
  const limiter = new KeyedLimiter(1_000, 4_000);
  expect(limiter.take("a", 0)).toBe(0);
  limiter.spend("a", 9_000, 0);
  const wait = limiter.take("a", 0);
  expect(wait).toBeGreaterThanOrEqual(5_001);
  expect(limiter.take("a", wait - 2)).toBeGreaterThan(0);
  expect(limiter.take("a", wait)).toBe(0);
  expect(limiter.take("b", 0)).toBe(0);
});
