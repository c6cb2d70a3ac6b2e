import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Piece, parseMarkdown, plainLine } from "./markdown.ts";

/** `<tag:…>` for a shape, so that a test reads like a text. */
function outline(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : `<${piece.tag}:${outline(piece.pieces)}>`))
    .join("");
}

function plain(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : `${piece.language ?? ""}${plain(piece.pieces)}`))
    .join("");
}

function addresses(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) =>
    typeof piece === "string" ? [] : [...(piece.href === undefined ? [] : [piece.href]), ...addresses(piece.pieces)],
  );
}

test("a quote of a text is one line without marks", () => {
  expect(plainLine("**b** `c` [d](https://example.org)\n- e\n- ~~f~~\n```sh\ng\n```")).toBe("b c d e f g");
  expect(plainLine("2 * 3 * 4 <b>")).toBe("2 * 3 * 4 <b>");
});

test.each([
  ["**b** *i* _i_ ~~s~~ `c`", "<strong:b> <em:i> <em:i> <del:s> <code:c>"],
  ["***both*** and **bold with `code`**", "<em:<strong:both>> and <strong:bold with <code:code>>"],
  ["one\ntwo\n\nthree", "<p:one\ntwo><p:three>"],
  ["```ts\nconst a = `<b>`;\n\n```\nafter", "<pre:<code:const a = `<b>`;\n\n>><p:after>"],
  ["> theirs\n> too\nmine", "<blockquote:<p:theirs\ntoo>><p:mine>"],
  ["> > deeper", "<blockquote:<blockquote:<p:deeper>>>"],
  ["- a\n- b **c**\n  - d", "<ul:<li:a><li:b <strong:c><ul:<li:d>>>>"],
  ["- a\n\n- b", "<ul:<li:<p:a>><li:<p:b>>>"],
  ["- [ ] open\n- [x] done", "<ul:<li:[ ] open><li:[x] done>>"],
  ["see https://example.org/a_b_c, or [here](http://example.org)", "see <a:https://example.org/a_b_c>, or <a:here>"],
])("%j is shown as %s", (text, shown) => {
  expect(outline(parseMarkdown(text))).toBe(shown);
});

test.each([
  "<img src=x onerror=alert(1)> <b>b</b> &amp; &#65; <!-- c -->",
  "<script>\nalert(1)\n</script>\n<div>",
  "# heading\n## another\nsetext\n---\n===\n***",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "![picture](https://example.org/a.png)",
  "a note[^1]\n[^1]: the note\n[label]: /there\n[label]",
  "    four spaces\n  two",
  "ends with two spaces  \nand goes on",
  "2 * 3 * 4, snake_case_name, ~5 or ~6, a~b~c, f(*args, **more), 5 > 4",
  "-",
  ">",
  "1.",
  "*",
  "[](https://example.org)",
  "@nobody and @room",
])("%j stays as it was typed", (text) => {
  expect(outline(parseMarkdown(text)).replace(/^<p:(.*)>$/s, "$1")).toBe(text);
});

test.each([
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](<java&#x73;cript:alert(1)>)",
  "<javascript:alert(1)>",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:x) [x](file:///etc/passwd) [x](blob:https://example.org/1)",
  "[x](/relative) [x](//example.org) [x](#place) [x](?query)",
  "ftp://example.org",
])("%j leads nowhere", (text) => {
  expect(addresses(parseMarkdown(text))).toEqual([]);
  expect(plain(parseMarkdown(text))).toBe(text);
});

test("links lead to the web and to mail", () => {
  const text = "http://a.org HTTPS://B.org/x www.c.org me@d.org [e](mailto:e@e.org) <https://f.org>";
  expect(addresses(parseMarkdown(text))).toEqual([
    "http://a.org/",
    "https://b.org/x",
    "http://www.c.org/",
    "mailto:me@d.org",
    "mailto:e@e.org",
    "https://f.org/",
  ]);
});

test.each([
  "[https://bank.example](https://evil.example/a)",
  "[**HTTPS://bank.example/login**](https://evil.example)",
  "[www.bank.example](https://evil.example)",
  "[\u200bhttps://bank.example](mailto:a@evil.example)",
])("%j names one address and leads to another: it is shown as it was typed", (text) => {
  expect(addresses(parseMarkdown(text))).toEqual([]);
  expect(plain(parseMarkdown(text))).toBe(text);
});

test("a link may have the address that it leads to, a part of it, or words for its text", () => {
  const [a, b, c] = ["https://a.org/", "https://www.b.org/x/y", "https://nodejs.org/"];
  const text = `[https://a.org](${a}) [https://b.org/…](${b}) [node.js](${c})`;
  expect(addresses(parseMarkdown(text))).toEqual([a, b, c]);
});

test("what the message mentions is marked, also within other marks, but not in code", () => {
  const text = "**@Ann** and @bob, `@ann`, @here, @room, a@ann.org\n> @ann";
  expect(outline(parseMarkdown(text, { names: ["ann"], room: true }))).toBe(
    "<p:<strong:<span:@Ann>> and @bob, <code:@ann>, @here, <span:@room>, <a:a@ann.org>><blockquote:<p:<span:@ann>>>",
  );
});

test("what stands behind the marks of a block of code is kept", () => {
  expect(parseMarkdown("```not code\nb```")).toMatchObject([{ tag: "pre", language: "not code" }]);
});

test("a list goes on from the number that it begins with", () => {
  expect(parseMarkdown("7. a\n8. b")).toMatchObject([{ tag: "ol", start: 7 }]);
});

/** Far above what a text takes on a busy machine. */
const TIME_MAX_MS = 1_000;

/** What takes long to read elsewhere: openers that nothing closes, and nesting. */
const HOSTILE = [
  ..."*_[>`~<(&\\-#|!".split("").map((mark) => mark.repeat(TEXT_MAX_BYTES)),
  ...["*_[", "**a", "a**b", "_a ", "*a_", "~~a", "[a](b", "![", "[[a](b)](", "](", "<a ", "`a``b", "\\*"],
  ...[
    "> ",
    ">\n",
    "- ",
    "- a\n",
    "1. ",
    "- a\n\n",
    "a\n\n",
    "> - ",
    " - a\n  ",
    "```\n",
    "||\n",
    "a@",
    "@a ",
    "www.a(",
    "http://a.b(.",
  ],
].map((part) => part.repeat(Math.ceil(TEXT_MAX_BYTES / part.length)).slice(0, TEXT_MAX_BYTES));

test.each(HOSTILE.map((text) => [text.slice(0, 12), text]))(
  "%j… of the greatest length is read in bounded time",
  (_part, text) => {
    const startedAt = performance.now();
    parseMarkdown(text);
    expect(performance.now() - startedAt).toBeLessThan(TIME_MAX_MS);
  },
);

test("ordinary texts of the greatest length are shown with their marks", () => {
  const said =
    "We met **ada** and [grace](https://example.org/a_b) at `noon`; see array[0], *all* of it.\n- one\n- two\n\n";
  const log = "2026-11-27T03:16:18 [info] (http_server) GET /rooms/4f_a/messages?limit=50 200 12ms user_id=4 > 3\n";
  for (const text of [said, log]) {
    const whole = text.repeat(TEXT_MAX_BYTES / text.length);
    expect(parseMarkdown(`${whole}**end**`)).not.toEqual([`${whole}**end**`]);
  }
});

test.each([
  ["of more marks than the bound", "- a\n".repeat(TEXT_MAX_BYTES / 4)],
  ["longer than any message", `${"a ".repeat(32_000)}**b**`],
  ["of 64 KiB of marks", "*_[".repeat(22_000)],
])("a text %s is shown as it was typed", (_what, text) => {
  expect(parseMarkdown(text)).toEqual([text]);
});

test("marks nest eight deep, and deeper ones are text", () => {
  const text = `${">".repeat(1_000)} end`;
  const depthOf = (pieces: readonly Piece[]): number =>
    Math.max(0, ...pieces.map((piece) => (typeof piece === "string" ? 0 : 1 + depthOf(piece.pieces))));
  expect(depthOf(parseMarkdown(text))).toBe(9);
  expect(plain(parseMarkdown(text))).toContain(`${">".repeat(992)} end`);
});

test("no text makes the parser fail, or take long", () => {
  const part = fc.constantFrom(
    ..."*_~`>[]()<!-+1.#|\\ \n\t@a:/&;".split(""),
    "**",
    "```",
    "https://a.b",
    "javascript:",
    "é",
    "😀",
    "א",
  );
  const text = fc.array(part, { maxLength: 400 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (some, times) => {
      const whole = some.repeat(times).slice(0, TEXT_MAX_BYTES);
      const startedAt = performance.now();
      const pieces = parseMarkdown(whole);
      expect(performance.now() - startedAt).toBeLessThan(TIME_MAX_MS);
      for (const address of addresses(pieces)) expect(address).toMatch(/^(https?:\/\/|mailto:)/);
      const letters = (words: string) => words.replace(/[^aé😀א]/gu, "");
      expect(letters(plain(pieces))).toBe(letters(whole));
    }),
    { numRuns: 100 },
  );
});
