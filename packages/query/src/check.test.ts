import { expect, test } from "vitest";
import { TRADES } from "../test/filters.ts";
import {
  bindReader,
  canonicalOf,
  canonicalText,
  checkFilter,
  costOf,
  fieldTable,
  parseFilter,
  readExpr,
} from "./index.ts";
import type { Expr } from "./tree.ts";

function faultOf(text: string): string {
  const parsed = parseFilter(text);
  if ("fault" in parsed) return parsed.fault.message;
  const [fault] = checkFilter(parsed.expr, TRADES);
  return fault === undefined ? "none" : `${fault.code} ${parsed.columnAt(fault.at)}: ${fault.message}`;
}

function exprOf(text: string): Expr {
  const parsed = parseFilter(text);
  if ("fault" in parsed) throw new Error(parsed.fault.message);
  return parsed.expr;
}

test.each([
  ['symbol == "BTC" && price * book.qty >= 10000.0 && side in ["buy"] && has(note)', "none"],
  ["hot && !(price > 5)", "none"],
  ['at > timestamp("2026-01-01T00:00:00Z") || any(tags, ["x"]) || lower(note).contains("y")', "none"],
  ["owner == me.id && note != me.name", "none"],
  ["prcie > 5", 'unknown_field 1: There is no field "prcie". Did you mean price?'],
  [
    'hot || note > "a"',
    "not_ordered 8: note (string) has no order. Only numbers and times are compared with <, <=, > and >=.",
  ],
  ['price == "5"', 'wrong_type 1: price (number) cannot be compared with "5" (string).'],
  ['side == "bye"', 'not_in_enum 1: side (enum) is never "bye". Did you mean "buy"?'],
  ["price == at", "wrong_type 1: price (number) and at (time) cannot be compared."],
  ['tags == "x"', 'wrong_type 1: tags (list) has many values. Use any(tags, ["…"]).'],
  ['tags in ["x"]', 'wrong_type 1: tags (list) has many values. Use any(tags, ["…"]).'],
  ['any(note, ["x"])', 'wrong_type 1: note (string) is not a list. Use note in ["…"].'],
  ['price.contains("5")', "wrong_type 1: price (number) is not a text, so it has no beginning, end or part."],
  ["price > note * 2", "wrong_type 9: note (string) is not a number. * takes numbers only."],
  ["abs(price, price) > 1", "wrong_count 1: abs takes one value, not 2."],
])("the check of %s tells: %s", (text, told) => {
  expect(faultOf(text)).toBe(told);
});

test.each([
  ["", "A field, a value or a condition is expected here, but the filter ends. (column 1)"],
  ["price = 5", "Compare with ==, not with =. (column 7)"],
  ["price > ", "A field, a value or a condition is expected here, but the filter ends. (column 8)"],
  ["price > 5 hot", '&& or || is expected here, not "hot". (column 11)'],
  ["hot & hot", "Write &&, not &. (column 5)"],
  ['note == "abc', "This text has no closing quote. (column 9)"],
  ["1 < price < 5", "A comparison has two sides. Join two comparisons with &&. (column 11)"],
  ["price + 5", "A condition is expected here, for example price > 100. (column 1)"],
  ['lower(note) == "a"', "lower(…) is only for contains, startsWith and endsWith. (column 1)"],
  [
    "sqrt(price) > 2",
    "There is no function sqrt. There are has, any, none, lower, timestamp, abs, min and max. (column 1)",
  ],
  ['note == "\\q"', "\\q is not a known escape. (column 9)"],
  ['note == "\\ud800"', "This text has a character that is not allowed. (column 9)"],
  ["price > 1e999", "1e999 is too large for a number. (column 9)"],
  ['at > timestamp("yesterday")', 'A time is written as timestamp("2026-01-31T12:00:00Z"). (column 16)'],
])("the parser refuses %s", (text, told) => {
  expect(faultOf(text)).toBe(told);
});

test.each([`${"(".repeat(5_000)}hot${")".repeat(5_000)}`, `${"!".repeat(5_000)}hot`])(
  "the parser refuses deep nesting (%#)",
  (text) => expect(faultOf(text)).toBe("The filter is nested too deep. (column 34)"),
);

test("filters that mean the same for one reason or another have one canonical form", () => {
  const forms = [
    'symbol == "A" || symbol == "B"',
    'symbol in ["B", "A", "A"]',
    '!(symbol != "B" && !(symbol == "A"))',
    '("A" == symbol || (symbol == "B" || 1 > 2)) && 2 > 1',
  ].map((text) => canonicalText(canonicalOf(exprOf(text))));
  expect(new Set(forms).size).toBe(1);
  expect(canonicalOf(exprOf("1 / 0 > 2 || !(1 / 0 > 2)"))).toBe(false);
});

test("a reader's own values make filters of different readers differ", () => {
  const mine = exprOf("owner == me.id");
  const [a, b] = ["a", "b"].map((id) => canonicalText(canonicalOf(bindReader(mine, { id, name: "Ann" }))));
  expect(a).toBe('{"op":"eq","l":{"f":"owner"},"r":{"v":"a"}}');
  expect(b).not.toBe(a);
});

test("a tree from outside is bounded in depth, size and cost before it is compiled", () => {
  let deep: unknown = { op: "has", f: "note" };
  for (let level = 0; level < 100_000; level++) deep = { op: "not", of: deep };
  expect(readExpr(deep)).toMatchObject({ faults: [{ code: "too_large" }] });
  expect(readExpr({ op: "eq", l: { f: "__proto__" }, r: { v: Number.NaN } })).toMatchObject({
    faults: [{ code: "bad_tree", at: "r" }],
  });
  const wide: Expr = {
    op: "and",
    of: Array.from({ length: 32 }, () => ({
      op: "and",
      of: [
        { op: "has", f: "note" },
        { op: "has", f: "hot" },
      ],
    })),
  };
  expect(checkFilter(wide, TRADES)).toMatchObject([{ code: "too_large" }]);
  const dear: Expr = {
    op: "and",
    of: Array.from({ length: 30 }, () => ({ op: "contains", l: { f: "note" }, r: "x".repeat(200) })),
  };
  expect(costOf(dear)).toBe(450);
  expect(checkFilter(dear, TRADES)).toMatchObject([{ code: "too_costly" }]);
  expect(checkFilter({ op: "has", f: "__proto__" }, TRADES)).toMatchObject([{ code: "unknown_field" }]);
});

test.each(["constructor", "me", "in.x", "a-b", "toString", ""])("a field cannot be called %s", (name) => {
  expect(() => fieldTable({ [name]: { type: "string" } })).toThrow(RangeError);
});
