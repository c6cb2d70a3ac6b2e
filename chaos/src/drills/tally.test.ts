import { expect, test } from "vitest";
import { History } from "../checker/history.ts";
import { Tally } from "./tally.ts";

test("refusals that may be repeated and do not say when are counted apart", () => {
  const tally = new Tally(new History());
  const refused = { type: "refused", client: "a", room: "r", id: "1", code: "overloaded", at: 0 } as const;
  tally.wanted("1");
  tally.add({ ...refused, isBare: false });
  expect([tally.total.refused.get("overloaded"), tally.bareRefusals]).toEqual([1, 0]);
  tally.add({ ...refused, isBare: true });
  expect([tally.total.refused.get("overloaded"), tally.bareRefusals]).toEqual([2, 1]);
});
