import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
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

test("what is marked are whole characters, wherever ASCII stands beside other letters", () => {
  const characters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const units = fc.constantFrom(..."ab \r\n\u0600\u0301\u200dé日👍🏽", "e\u0301", "ﬁ");
  fc.assert(
    fc.property(
      fc.array(units, { maxLength: 12 }),
      fc.constantFrom("a", "b", "e", "fi", "ab", " "),
      (parts, needle) => {
        const text = parts.join("");
        const edges = new Set([...characters.segment(text)].map(({ index }) => index)).add(text.length);
        for (const [start, end] of findNeedles(text, [needle]) ?? []) {
          expect([edges.has(start), edges.has(end)]).toEqual([true, true]);
          expect(fold(text.slice(start, end))).toContain(needle);
        }
        if (findNeedles(text, [needle]) === null) expect(text.includes(needle) && /^[a-z ]*$/.test(text)).toBe(false);
      },
    ),
  );
});

test("G8 a long text costs few normalisations, and none has many marks behind one letter", () => {
  const normalize = vi.spyOn(String.prototype, "normalize");
  onTestFinished(() => normalize.mockRestore());
  expect(findNeedles("lorem ipsum dolor ".repeat(450), ["dolor"])).toHaveLength(450);
  expect(normalize.mock.calls.length).toBeLessThan(100);
  normalize.mockClear();
  toIndexText(`a${"\u0301\u0316".repeat(2_000)}`);
  expect(normalize.mock.contexts.map(String).filter((text) => text.length > 40)).toEqual([]);
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
