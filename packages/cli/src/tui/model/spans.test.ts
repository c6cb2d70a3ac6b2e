import { expect, test } from "vitest";
import { padRow, type Row, rowWidth, wrap, wrapListed } from "./spans.ts";

const textOf = (row: Row): string => row.map(({ text }) => text).join("");

const TEXTS = {
  words: "the quick brown fox jumps over the lazy dog",
  "one long word": "x".repeat(57),
  "wide characters": "日本語の文章は折り返しが難しい",
  "combining marks": "e\u0301".repeat(40),
  "emoji sequences": "👩‍🚀👨‍👩‍👧‍👦🇩🇪👍🏽".repeat(6),
  "right to left": "שלום עולם ".repeat(6),
};

test.each(Object.entries(TEXTS))("rows of %s are never wider than the pane, and nothing is lost", (_, text) => {
  for (const columns of [2, 3, 7, 20, 80]) {
    const rows = wrap([{ text }], columns);
    for (const row of rows) expect(rowWidth(row)).toBeLessThanOrEqual(columns);
    const shown = rows.flatMap((row) => row.map((span) => span.text)).join("");
    expect(shown.replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  }
});

test("a line of a list keeps its columns, and in a narrow pane stands below its head", () => {
  const lines = (columns: number) => wrapListed("  .edit TEXT  change your message", columns, {}).map(textOf);
  expect(lines(30)).toEqual(["  .edit TEXT  change your ", "              message"]);
  expect(lines(20)).toEqual(["  .edit TEXT", "    change your ", "    message"]);
  expect(wrapListed("      a b c", 8, {}).map(textOf)).toEqual(["    a b ", "    c"]);
});

test("styles stay with their words over a break", () => {
  const bold = { bold: true };
  const rows = wrap([{ text: "plain " }, { text: "strong words", style: bold }], 12);
  expect(rows).toEqual([[{ text: "plain " }, { text: "strong", style: bold }], [{ text: "words", style: bold }]]);
});

test("a padded row is exactly as wide as it has to be, also where a wide character would be cut", () => {
  for (const columns of [1, 2, 3, 4, 5, 9]) expect(rowWidth(padRow([{ text: "日本語" }], columns))).toBe(columns);
});
