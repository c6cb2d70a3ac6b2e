import fc from "fast-check";
import { expect, test } from "vitest";
import { ANOMALIES } from "./anomalies.ts";
import { check } from "./check.ts";
import { History } from "./history.ts";
import { correctRun } from "./testing/correct-run.ts";
import { FAULTS } from "./testing/faults.ts";

test("a run without a fault has no anomaly, whatever it does to its clients", () => {
  fc.assert(
    fc.property(correctRun, (records) => {
      expect(check(records).anomalies).toEqual({});
    }),
    { numRuns: 2_000 },
  );
});

for (const [fault, { kind, make }] of Object.entries(FAULTS)) {
  test(`${kind}: ${fault}, and nothing else is reported`, () => {
    fc.assert(
      fc.property(correctRun, fc.nat(), (records, pick) => {
        const broken = make(records, pick);
        fc.pre(broken !== null);
        expect(Object.keys(check(broken ?? []).anomalies)).toEqual([kind]);
      }),
      { numRuns: 200, maxSkipsPerRun: 50 },
    );
  });
}

test("there is a fault for every kind of anomaly", () => {
  expect(new Set(Object.values(FAULTS).map(({ kind }) => kind))).toEqual(new Set(Object.keys(ANOMALIES)));
});

test("a history answers what was added, record by record", () => {
  fc.assert(
    fc.property(correctRun, (records) => {
      const history = new History();
      for (const record of records) history.add(record);
      expect([...history]).toEqual(records);
    }),
    { numRuns: 200 },
  );
});
