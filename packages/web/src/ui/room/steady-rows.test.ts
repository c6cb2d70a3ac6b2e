import { expect, test } from "vitest";
import { type SteadyRows, stepTo } from "./steady-rows.ts";

function rows(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const item = { kind: "note", seq: from + index, at: 1, epoch: 1, text: "" } as const;
    return { item, startsGroup: false, day: undefined, isUnread: false, isStored: true, quoted: undefined };
  });
}

/** The steps from the rows `from` to `to`: first, last, and whether the list keeps its place from the end. */
function steps(from: [number, number], to: [number, number]): string[] {
  const target = rows(...to);
  const made: string[] = [];
  let shown: SteadyRows = { rows: rows(...from), isShifted: false, window: 0 };
  while (shown.rows !== target && made.length < 5) {
    shown = stepTo(target, shown);
    const [first, last] = [shown.rows[0]?.item.seq, shown.rows.at(-1)?.item.seq];
    made.push(`${first}-${last}${shown.isShifted ? " from the end" : ""}${shown.window > 0 ? " elsewhere" : ""}`);
  }
  return made;
}

test("a change of both ends is shown in two steps, one end each", () => {
  expect(steps([10, 20], [10, 25])).toEqual(["10-25"]);
  expect(steps([10, 20], [5, 20])).toEqual(["5-20 from the end"]);
  expect(steps([10, 20], [13, 23])).toEqual(["13-20 from the end", "13-23"]);
  expect(steps([10, 20], [5, 15])).toEqual(["10-15", "5-15 from the end"]);
  expect(steps([10, 20], [5, 25])).toEqual(["5-20 from the end", "5-25"]);
  expect(steps([10, 20], [12, 18])).toEqual(["12-18 from the end"]);
  expect(steps([10, 20], [40, 50])).toEqual(["40-50 elsewhere"]);
});
