import { expect, test } from "vitest";
import type { MachineUse } from "../measure/machine-load.ts";
import { atLeast, CENTRIFUGO, HUBBUB, type Measured, rowsOfPairs, valueAtMost } from "./in-turn.ts";

interface Result {
  readonly figure: number;
  readonly machine: MachineUse;
}

const run = (figure: number): Result => ({ figure, machine: { others: 0.02, stolen: 0 } });
const MEASURED: Measured<Result> = {
  what: "row",
  unit: "things",
  value: (results) => results[0]?.figure ?? Number.NaN,
  loss: () => null,
  print: (value) => value.toFixed(1),
};
const PAIRS = [
  { hubbub: HUBBUB, baseline: CENTRIFUGO, target: atLeast(2) },
  { hubbub: HUBBUB, baseline: CENTRIFUGO, target: valueAtMost(1) },
];

test("a pair of which both took part gives a row with ratio, verdict and the load of the rest", () => {
  const runs = new Map([
    [HUBBUB, [run(3)]],
    [CENTRIFUGO, [run(1)]],
  ]);
  expect(rowsOfPairs(runs, PAIRS, MEASURED)).toMatchObject([
    {
      hubbub: "3.0",
      baseline: "1.0 (Centrifugo)",
      ratio: "3.00×",
      target: "≥ 2×",
      reached: true,
      others: "0.02 / 0.02",
    },
    { hubbub: "3.0", ratio: "3.00×", target: "≤ 1", reached: false },
  ]);
});

test("without its baseline only a row that has to reach a value is left", () => {
  expect(rowsOfPairs(new Map([[HUBBUB, [run(0.5)]]]), PAIRS, MEASURED)).toMatchObject([
    { hubbub: "0.5", baseline: "–", ratio: "–", target: "≤ 1", reached: true, others: "0.02" },
  ]);
  expect(rowsOfPairs(new Map([[CENTRIFUGO, [run(1)]]]), PAIRS, MEASURED)).toEqual([]);
});
