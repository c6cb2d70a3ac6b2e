import { expect, test } from "vitest";
import { machineBetween, othersOf, readMachine } from "./machine-load.ts";

const STAT = "cpu  1000 200 300 40000 500 60 70 80 5 0\ncpu0 500 100 150 20000 250 30 35 40 5 0\nintr 1\n";

test("busy is all but idle, waiting and stolen time", () => {
  expect(readMachine(STAT)).toEqual({ busy: 16.3, stolen: 0.8 });
});

test("others are what the machine did beyond the counted processes, never less than nothing", () => {
  const before = { busy: 100, stolen: 1 };
  const after = { busy: 110, stolen: 2 };
  expect(machineBetween(before, after, 5, 6)).toEqual({ others: 0.8, stolen: 0.2 });
  expect(machineBetween(before, after, 5, 11)).toEqual({ others: 0, stolen: 0.2 });
});

test("a run on a busy machine is marked", () => {
  expect(othersOf([{ machine: { others: 0.02, stolen: 0 } }])).toBe("0.02");
  expect(othersOf([0.1, 0.5].map((others) => ({ machine: { others, stolen: 0 } })))).toBe("0.30 (up to 0.50: busy)");
});
