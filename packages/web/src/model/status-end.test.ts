import { expect, test } from "vitest";
import { endOf, STATUS_ENDS } from "./status-end.ts";

test("a status ends at the chosen moment, at midnight, or not by itself", () => {
  const now = new Date(2026, 2, 4, 15, 30).getTime();
  const midnight = new Date(2026, 2, 5).getTime();
  const left = STATUS_ENDS.map(([choice]) => endOf(choice, now)).map((end) => (end === undefined ? end : end - now));
  expect(left).toEqual([undefined, 1_800_000, 3_600_000, 14_400_000, midnight - now, 604_800_000]);
  expect(endOf("1790000000000", now)).toBe(1_790_000_000_000);
});
