import { expect, test } from "vitest";
import { padRow, rowWidth, wrap } from "./spans.ts";

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

test("styles stay with their words over a break", () => {
  const bold = { bold: true };
  const rows = wrap([{ text: "plain " }, { text: "strong words", style: bold }], 12);
  expect(rows).toEqual([[{ text: "plain " }, { text: "strong", style: bold }], [{ text: "words", style: bold }]]);
});

test("a padded row is exactly as wide as it has to be, also where a wide character would be cut", () => {
  for (const columns of [1, 2, 3, 4, 5, 9]) expect(rowWidth(padRow([{ text: "日本語" }], columns))).toBe(columns);
});
