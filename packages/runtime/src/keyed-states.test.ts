import { expect, test } from "vitest";
import { KeyedLimiter } from "./keyed-limiter.ts";
import { KeyedStates } from "./keyed-states.ts";

test("G8 a bucket in use is not forgotten, whatever number of other keys come", () => {
  const limiter = new KeyedLimiter(1, 5);
  for (let taken = 0; taken < 5; taken += 1) expect(limiter.take("victim", 0)).toBe(0);
  for (let other = 0; other < 60_000; other += 1) limiter.take(`other-${other}`, 0);
  expect(limiter.take("victim", 0)).toBeGreaterThan(0);
});

test("G8 a key that comes at the bound is limited too, and not set free when a place becomes free", () => {
  const limiter = new KeyedLimiter(1, 5);
  for (let other = 0; other < 50_000; other += 1) limiter.take(`other-${other}`, 0);
  let passed = 0;
  for (let taken = 0; taken < 20; taken += 1) passed += limiter.take("late", 0) === 0 ? 1 : 0;
  expect(passed).toBe(5);
  // A second later the others' buckets are full again: one of their places is free, the late key's own bucket is not.
  for (let taken = 0; taken < 20; taken += 1) passed += limiter.take("late", 1_000) === 0 ? 1 : 0;
  expect(passed).toBe(6);
});

test("G8 at the bound a new key looks at a constant number of others", () => {
  let looks = 0;
  const states = new KeyedStates<object>({
    max: 1_000,
    create: () => ({}),
    isIdle: () => {
      looks += 1;
      return false;
    },
  });
  for (let key = 0; key < 1_000; key += 1) states.of(`key-${key}`, 0);
  for (let key = 0; key < 100; key += 1) {
    looks = 0;
    states.of(`new-${key}`, 0);
    expect(looks).toBeLessThanOrEqual(9);
  }
});

test("states that are idle make room", () => {
  const states = new KeyedStates<{ at: number }>({
    max: 2,
    create: (now) => ({ at: now }),
    isIdle: ({ at }, now) => now - at >= 10,
  });
  const [first, second] = [states.of("a", 0), states.of("b", 8)];
  expect(states.of("c", 12)).toEqual({ at: 12 });
  expect(states.of("b", 12)).toBe(second);
  expect(states.of("c", 13)).toEqual({ at: 12 });
  expect(states.of("a", 13)).not.toBe(first);
});
