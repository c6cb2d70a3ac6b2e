import { expect, test } from "vitest";
import { completionOf } from "./complete.ts";
import { withEmoji } from "./emoji-names.ts";
import { type Found, ranked } from "./find.ts";
import { markdownLines } from "./markdown.ts";

const NAMES = { people: ["ada", "Adam", "bob"], rooms: ["kitchen", "kiosk"], commands: ["leave", "learn"] };

test.each([
  ["hello @ad", 6, ["@ada ", "@Adam "]],
  [".le", 0, [".leave ", ".learn "]],
  ["say .le", 4, []],
  ["see #ki", 4, ["#kitchen ", "#kiosk "]],
  ["well :tad", 5, ["🎉 "]],
  [".join kit", 6, ["kitchen"]],
  ["plain", 0, []],
] as const)("%s is completed from its last word", (text, from, choices) => {
  expect(completionOf(text, NAMES)).toEqual({ from, choices });
});

test("the finder prefers beginnings, then parts, then letters in their order", () => {
  const all = ["tea room", "steam", "the east area", "bob"].map((name): Found => ({ kind: "room", id: name, name }));
  expect(ranked(all, "tea").map(({ name }) => name)).toEqual(["tea room", "steam", "the east area"]);
  expect(ranked(all, "#BO").map(({ name }) => name)).toEqual(["bob"]);
  expect(ranked(all, "")).toHaveLength(4);
});

test("bold, italic, struck out and code are styled; what is no mark stays text", () => {
  const spans = (text: string) => markdownLines(text, () => false)[0]?.map(({ text, style }) => [text, style]);
  expect(spans("a **b** *c* _d_ ~~e~~ `f*`")).toEqual([
    ["a ", undefined],
    ["b", { bold: true }],
    [" ", undefined],
    ["c", { italic: true }],
    [" ", undefined],
    ["d", { italic: true }],
    [" ", undefined],
    ["e", { strikethrough: true }],
    [" ", undefined],
    ["f*", { color: "notice" }],
  ]);
  for (const plain of ["2 * 3 * 4", "snake_case_name", "** b**", "a*", "`open"])
    expect(spans(plain)).toEqual([[plain, undefined]]);
});

test("in a block of code nothing is a mark, and controls are harmless everywhere", () => {
  const lines = markdownLines("```\n**a** \u001b[2J\n```\n@bob", (name) => name === "bob");
  expect(lines[1]).toEqual([{ text: "**a** \ufffd[2J", style: { color: "notice" } }]);
  expect(lines[3]).toEqual([{ text: "@bob", style: { bold: true, color: "accent" } }]);
});

test("a long line of marks is read in time", () => {
  const began = performance.now();
  for (const mark of ["*", "_", "**", "~~", "`", "*a ", "_a "]) markdownLines(mark.repeat(4_000), () => false);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("names between colons become emoji, others stay", () => {
  expect(withEmoji(":tea: :nothing: 10:30:20")).toBe("🍵 :nothing: 10:30:20");
});
