import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch, SEARCH_MAX_LENGTH, SearchQueryError } from "./search-query.ts";

const EMPTY = {
  needles: [],
  without: [],
  from: [],
  in: [],
  after: undefined,
  before: undefined,
  hasLink: false,
  hasFile: false,
  isPinned: false,
};

test.each([
  ["tea", { needles: ["tea"] }],
  ["  green   tea ", { needles: ["green", "tea"] }],
  ['"green tea" -milk', { needles: ["green tea"], without: ["milk"] }],
  ["“green tea” -“cold milk”", { needles: ["green tea"], without: ["cold milk"] }],
  ["e-mail 10.0.0.1 http://x/y?z=1 std::vector", { needles: ["e-mail", "10.0.0.1", "http://x/y?z=1", "std::vector"] }],
  ["100% snake_case \\", { needles: ["100%", "snake_case", "\\"] }],
  ["检索 日", { needles: ["检索", "日"] }],
  ["a - b", { needles: ["a", "-", "b"] }],
  [
    "from:@ada FROM:me",
    {
      from: [
        { value: "ada", at: 0 },
        { value: "me", at: 10 },
      ],
    },
  ],
  [
    'in:#tea in:"tea room"',
    {
      in: [
        { value: "tea", at: 0 },
        { value: "tea room", at: 8 },
      ],
    },
  ],
  ["has:link has:file is:pinned", { hasLink: true, hasFile: true, isPinned: true }],
  ["after:2026-01-01 before:2026-02-01", { after: Date.UTC(2026, 0, 2), before: Date.UTC(2026, 1, 1) }],
  ["before:2026-01-31T12:00+02:00 x", { before: Date.UTC(2026, 0, 31, 10), needles: ["x"] }],
])("%s", (text, expected) => {
  expect(parseSearch(text)).toEqual({ ...EMPTY, ...expected });
});

test.each([
  ["", 0, "say what"],
  ["-milk", 0, "say what"],
  ['tea "green', 4, "not closed"],
  ['tea ""', 4, "empty"],
  ["tea has:cake", 4, "link or file"],
  ["is:red", 0, "takes pinned"],
  ["from:", 0, "needs a value"],
  ["in:#", 0, "needs a name"],
  ["tea -from:ada", 4, "only words"],
  ["before:tomorrow", 0, "takes a day"],
  ["before:2026-02-30", 0, "takes a day"],
  ["before:2026-01-31T12:00", 0, "takes a day"],
  ["x ".repeat(17), 32, "at most 16"],
  ["x".repeat(SEARCH_MAX_LENGTH + 1), SEARCH_MAX_LENGTH, "at most 512"],
])("what is wrong with %j, and where", (text, at, message) => {
  const refusal = (): unknown => parseSearch(text);
  expect(refusal).toThrow(SearchQueryError);
  expect(refusal).toThrow(message);
  expect(refusal).toThrow(expect.objectContaining({ at }));
});

test("any text is a query or an error that says where", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a-:" “\\%_日from:inhas'), maxLength: 60 }), (text) => {
      try {
        const { needles, without } = parseSearch(text);
        expect([...needles, ...without].every((needle) => needle !== "" && text.includes(needle))).toBe(true);
      } catch (error) {
        if (!(error instanceof SearchQueryError)) throw error;
        expect(error.at).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});
