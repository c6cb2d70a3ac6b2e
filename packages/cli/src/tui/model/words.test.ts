import { expect, test } from "vitest";
import { completionOf } from "./complete.ts";
import { withEmoji } from "./emoji-names.ts";
import { type Found, ranked } from "./find.ts";
import { firstLine, markdownLines } from "./markdown.ts";

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
  expect(ranked(all, "")).toEqual(all);
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
  const lines = markdownLines("```\n**a** \u001b[2J\n\tb\n```\n@bob\n> c", (name) => name === "bob");
  const code = (text: string) => [{ text: `  ${text}`, style: { color: "notice" } }];
  expect(lines).toEqual([
    code("**a** \ufffd[2J"),
    code("    b"),
    [{ text: "@bob", style: { bold: true, color: "accent" } }],
    [{ text: "> c", style: { dim: true } }],
  ]);
  expect(firstLine("```js\n\nx = 1\n```")).toBe("x = 1");
  const shown = (text: string) =>
    markdownLines(text, () => false).map((line) => line.map((span) => span.text).join(""));
  for (const text of ["```", "```\n```"]) expect(shown(text)).toEqual(text.split("\n"));
});

test("addresses are links as a whole, without what ends the sentence, and cannot end their control sequence", () => {
  const links = (text: string) =>
    markdownLines(text, () => false)[0]?.flatMap(({ text, link }) => (link ? [[text, link]] : []));
  const same = "https://example.org/a_b_c?d=*e*f";
  expect(links(`see ${same}, (https://example.org/x_(y)).`)).toEqual([
    [same, same],
    ["https://example.org/x_(y)", "https://example.org/x_(y)"],
  ]);
  expect(links("https://example.org/日│本")).toEqual([
    ["https://example.org/日│本", "https://example.org/%E6%97%A5%E2%94%82%E6%9C%AC"],
  ]);
  for (const text of ["https://", "javascript://a", `https://example.org/${"a".repeat(3_000)}`])
    expect(links(text)).toEqual([]);
});

test("a long line of marks is read in time", () => {
  const began = performance.now();
  for (const mark of ["*", "_", "**", "~~", "`", "*a ", "_a ", "http://(", "http://a.", "http://..."])
    markdownLines(mark.repeat(4_000), () => false);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("names between colons become emoji, others stay", () => {
  expect(withEmoji(":tea: :nothing: 10:30:20")).toBe("🍵 :nothing: 10:30:20");
});
