import fc from "fast-check";
import { expect, test } from "vitest";
import { findNeedles, fold, hasTrigram, isExact, toIndexText } from "./search-text.ts";

const UNITS = fc.constantFrom(...'aB -"%éß日本かガ한ЖяΣ👍', "e\u0301", "\n", "ﬁ");

test("a part of a text is a part of its index text", () => {
  fc.assert(
    fc.property(fc.array(UNITS, { maxLength: 30 }), fc.nat(), fc.nat(), (units, from, length) => {
      const text = units.join("");
      const part = units
        .slice(from % (units.length + 1))
        .slice(0, length % 8)
        .join("");
      expect(toIndexText(text)).toContain(toIndexText(part));
      expect(toIndexText(text)).toMatch(/^[\0-\x7f]*$/);
      expect(findNeedles(text, [part === "" ? text : part])).not.toBeNull();
    }),
  );
});

test("a needle of ASCII is in the index text of those texts only that have it", () => {
  fc.assert(
    fc.property(fc.array(UNITS, { maxLength: 12 }), fc.string({ maxLength: 3 }), (units, needle) => {
      const text = units.join("");
      expect(isExact(needle)).toBe(true);
      expect(toIndexText(text).includes(toIndexText(needle))).toBe(fold(text).includes(fold(needle)));
    }),
  );
});

test("a single ideograph or syllable can be looked up, two letters cannot", () => {
  for (const needle of ["日", "한", "かな", "tea", "при"])
    expect([needle, hasTrigram(toIndexText(needle))]).toEqual([needle, true]);
  for (const needle of ["か", "te", "пр", "a-b", "👍"])
    expect([needle, hasTrigram(toIndexText(needle))]).toEqual([needle, false]);
});

test.each([
  [
    "Tea tea TEA",
    ["tea"],
    [
      [0, 3],
      [4, 7],
      [8, 11],
    ],
  ],
  ["cafe\u0301 au lait", ["café"], [[0, 5]]],
  ["green\n\n  tea", ["green tea"], [[0, 12]]],
  ["abcd", ["abc", "bcd"], [[0, 4]]],
  ["👍🏽 ok", ["ok"], [[5, 7]]],
  ["“quoted” – dash", ['"quoted" -'], [[0, 10]]],
])("ranges in %j", (text, needles, expected) => {
  expect(findNeedles(text, needles)).toEqual(expected);
});
