import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "./ring.ts";
import { RingBudget } from "./ring-budget.ts";

const MIB = 1_048_576;
const frame = (seq: number, bytes: number): Buffer => Buffer.alloc(bytes, String(seq));

test("a ring holds the newest frames without a hole, whatever was pushed, skipped or forgotten", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), count: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ kind: fc.constant("skip" as const), count: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constant("age" as const), count: fc.integer({ min: 0, max: 40_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const ring = new Ring(new RingBudget(MIB));
      const pushed = new Map<number, Buffer>();
      let [last, now] = [0, 0];
      for (const { kind, count } of steps) {
        if (kind === "push") {
          for (let at = 0; at < count; at++) {
            last += 1;
            pushed.set(last, frame(last, 10 + (last % 7)));
            ring.push(pushed.get(last) ?? Buffer.alloc(0), now);
          }
        } else if (kind === "skip") {
          last += count;
          ring.restart(last);
        } else {
          now += count;
          ring.forgetOld(now);
        }
        expect(last - ring.floor).toBeLessThanOrEqual(256);
        for (const since of [ring.floor, Math.floor((ring.floor + last) / 2), last]) {
          const expected = Array.from({ length: last - since }, (_none, at) => pushed.get(since + 1 + at));
          expect(ring.after(since, MIB)).toEqual(expected);
        }
      }
    }),
  );
});

test("G8 a ring is bounded in bytes, and all rings together share a budget", () => {
  const budget = new RingBudget(MIB);
  const rings = Array.from({ length: 20 }, () => new Ring(budget));
  for (const ring of rings) for (let seq = 1; seq <= 200; seq++) ring.push(frame(seq, 4_000), 0);
  const kept = rings.map((ring) => ring.after(ring.floor, 100 * MIB).length);
  expect(kept[0]).toBe(65);
  expect(kept.at(-1)).toBe(4);
  const small = new Ring(budget);
  for (let seq = 1; seq <= 200; seq++) small.push(frame(seq, 100), 0);
  expect(small.after(small.floor, 100 * MIB)).toHaveLength(8);
  for (const ring of [...rings, small]) ring.restart(0);
  expect(budget.isSpent).toBe(false);
});

test("a chunk has at least one frame, and no more bytes than asked for otherwise", () => {
  const ring = new Ring(new RingBudget(MIB));
  for (let seq = 1; seq <= 10; seq++) ring.push(frame(seq, 100), 0);
  expect(ring.after(0, 1)).toHaveLength(1);
  expect(ring.after(0, 350)).toHaveLength(3);
  expect(ring.after(10, 350)).toEqual([]);
});
