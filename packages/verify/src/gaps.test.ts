import { expect, test } from "vitest";
import { gapsBetween } from "./gaps.ts";

const JUMP = 1_000_000;
const start = { seq: 0, epoch: 0 };
const row = (seq: number, epoch: number) => ({ seq, epoch });
const first = { epoch: 1, head: 0 };

/** Two epochs that jump no further than they must. */
const [SECOND, THIRD] = [2 ** 20, 2 ** 21];

test("G6 rows that follow each other have nothing between them", () => {
  const rules = { newestEpoch: 1, epochs: [first], jump: JUMP };
  expect(gapsBetween(start, row(1, 1), rules)).toEqual([]);
  expect(gapsBetween(row(1, 1), row(2, 1), rules)).toEqual([]);
});

test("a seq of the newest epoch without a row is a hole; of an earlier one the rows cannot tell", () => {
  const epochs = [first, { epoch: SECOND, head: 1_000_100 }];
  const gap = { from: 5, to: 6 };
  const [before, after] = [row(4, 1), row(7, 1)];
  expect(gapsBetween(before, after, { newestEpoch: 1, epochs, jump: JUMP })).toEqual([{ kind: "hole", ...gap }]);
  expect(gapsBetween(before, after, { newestEpoch: SECOND, epochs, jump: JUMP })).toEqual([
    { kind: "renumbered", ...gap },
  ]);
});

test("G6 the jump of an epoch is explained to the number; what lies below it was given out", () => {
  const rules = { newestEpoch: SECOND, epochs: [first, { epoch: SECOND, head: 1_000_100 }], jump: JUMP };
  expect(gapsBetween(row(100, 1), row(1_000_101, SECOND), rules)).toEqual([]);
  expect(gapsBetween(row(90, 1), row(1_000_101, SECOND), rules)).toEqual([{ kind: "renumbered", from: 91, to: 100 }]);
  expect(gapsBetween(row(100, 1), row(1_000_103, SECOND), rules)).toEqual([
    { kind: "hole", from: 1_000_101, to: 1_000_102 },
  ]);
});

test("G6 an epoch that jumped further than it must leaves no more to explain", () => {
  const epoch = SECOND + 512;
  const head = 100 + JUMP + 500_000;
  const rules = { newestEpoch: epoch, epochs: [first, { epoch, head }], jump: JUMP };
  expect(gapsBetween(row(90, 1), row(head + 1, epoch), rules)).toEqual([{ kind: "renumbered", from: 91, to: 100 }]);
});

test("epochs that were begun and never used jump as well", () => {
  const epochs = [first, { epoch: SECOND, head: 1_000_100 }, { epoch: THIRD, head: 2_000_100 }];
  expect(gapsBetween(row(95, 1), row(2_000_101, THIRD), { newestEpoch: THIRD, epochs, jump: JUMP })).toEqual([
    { kind: "renumbered", from: 96, to: 100 },
  ]);
  expect(gapsBetween(start, row(2_000_101, THIRD), { newestEpoch: THIRD, epochs, jump: JUMP })).toEqual([
    { kind: "renumbered", from: 1, to: 100 },
  ]);
});

test("Redis may have counted the epoch higher; one that Postgres has lost explains nothing and blames nobody", () => {
  const epochs = [first, { epoch: SECOND, head: 1_000_100 }];
  expect(gapsBetween(row(100, 1), row(1_000_101, THIRD), { newestEpoch: THIRD, epochs, jump: JUMP })).toEqual([]);
  expect(gapsBetween(row(100, 1), row(1_000_101, THIRD), { newestEpoch: THIRD, epochs: [first], jump: JUMP })).toEqual([
    { kind: "renumbered", from: 101, to: 1_000_100 },
  ]);
});

test("embedded nothing that got a number can be lost: every seq without a row is a hole", () => {
  const epochs = [first, { epoch: SECOND, head: 100 }];
  expect(gapsBetween(row(98, 1), row(101, SECOND), { newestEpoch: SECOND, epochs, jump: 0 })).toEqual([
    { kind: "hole", from: 99, to: 100 },
  ]);
  expect(gapsBetween(row(4, 1), row(6, 1), { newestEpoch: SECOND, epochs, jump: 0 })).toEqual([
    { kind: "hole", from: 5, to: 5 },
  ]);
});
