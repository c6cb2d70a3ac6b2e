import { expect, test } from "vitest";
import { STANDARD } from "./bench.ts";
import { BadOptions, readOptions } from "./options.ts";

const ROWS = ["accept", "storm"];
const read = (...args: string[]) => readOptions(args, ROWS, "results");

test("without arguments all rows run at their standard extent and the report is kept", () => {
  expect(read()).toEqual({ rows: ROWS, extent: STANDARD, without: [], out: "results" });
  expect(read("storm")).toEqual({ rows: ["storm"], extent: STANDARD, without: [], out: "results" });
});

test("a run of another extent is not kept unless a directory is named", () => {
  expect(read("--window", "0.5", "--settle", "1,2", "--clients", "10000")).toMatchObject({
    extent: { windowMs: 500, latencyWindowMs: 500, settleMs: [1_000, 2_000], clients: 10_000, rounds: STANDARD.rounds },
    out: null,
  });
  expect(read("--without", "GOMAXPROCS", "--without", "bare")).toMatchObject({
    without: ["gomaxprocs", "bare"],
    out: null,
  });
  expect(read("--rounds", "1", "--out", "here").out).toBe("here");
});

test.each([
  ["nowhere"],
  ["--nothing"],
  ["--rounds", "0"],
  ["--clients", "1.5"],
  ["--window", "soon"],
  ["--settle", "1,"],
])("refuses %s", (...args) => {
  expect(() => read(...args)).toThrow(BadOptions);
});
