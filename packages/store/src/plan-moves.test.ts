import fc from "fast-check";
import { expect, test } from "vitest";
import { planMoves } from "./plan-moves.ts";

const gateways = (...connections: number[]) => connections.map((count, at) => ({ node: `g${at}`, connections: count }));
const moves = (counts: readonly number[], maxShare: number) =>
  planMoves(gateways(...counts), maxShare).map(({ node, moves: count }) => `${node} ${count}`);

test("a new gateway fills from the fullest, which stay at the mean or above", () => {
  expect(moves([300, 300, 0], 1)).toEqual(["g0 100"]);
  expect(moves([400, 100, 400, 100], 1)).toEqual(["g0 150", "g2 150"]);
});

test("a gateway moves at most its share, and at most half of the gateways move", () => {
  expect(moves([1_000, 0], 0.2)).toEqual(["g0 200"]);
  expect(moves([500, 600, 700, 0], 1)).toEqual(["g2 250", "g1 150"]);
});

test("nothing moves when that would not help", () => {
  expect(moves([], 1)).toEqual([]);
  expect(moves([5_000], 1)).toEqual([]);
  expect(moves([18, 0], 1)).toEqual([]);
  expect(moves([1_080, 920], 1)).toEqual([]);
  expect(moves([40, 0], 0.01)).toEqual([]);
});

test("no gateway ever falls below the mean, and the others have room for all that moves", () => {
  const counts = fc.array(fc.nat(100_000), { maxLength: 30 });
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 100 }), (all, percent) => {
      const mean = all.reduce((sum, count) => sum + count, 0) / Math.max(1, all.length);
      const plan = planMoves(gateways(...all), percent / 100);
      expect(plan.length).toBeLessThanOrEqual(all.length / 2);
      for (const { connections, moves: count } of plan) {
        expect(connections - count).toBeGreaterThanOrEqual(mean);
        expect(count).toBeLessThanOrEqual((connections * percent) / 100);
      }
      const room = all.reduce((sum, count) => sum + Math.max(0, mean - count), 0);
      expect(plan.reduce((sum, { moves: count }) => sum + count, 0)).toBeLessThanOrEqual(room + 1e-6);
    }),
  );
});
