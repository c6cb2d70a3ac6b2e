import type { Key } from "node:readline";
import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { LineEditor, PASTE_MAX } from "./line-editor.ts";

const PASTE = (text: string) => `\u001b[200~${text}\u001b[201~`;

/** What the editor makes of what a terminal sends. */
function edit(...chunks: string[]) {
  const lines: { text: string; isPasted: boolean }[] = [];
  const told: string[] = [];
  const editor = new LineEditor({
    line: (text, isPasted) => lines.push({ text, isPasted }),
    ended: () => told.push("ended"),
    pasteCut: () => told.push("cut"),
  });
  const keys = new PassThrough();
  emitKeypressEvents(keys);
  keys.on("keypress", (text: string | undefined, key: Key) => editor.key(text, key));
  for (const chunk of chunks) keys.emit("data", Buffer.from(chunk));
  return { lines, told, editor };
}

test("typed lines and their keys", () => {
  expect(edit("hello\r.quit\r").lines).toEqual([
    { text: "hello", isPasted: false },
    { text: ".quit", isPasted: false },
  ]);
  expect(edit("ac\u001b[Db\r", "\u001b[A!\r").lines.map(({ text }) => text)).toEqual(["abc", "abc!"]);
  expect(edit("x\u0003").told).toEqual(["ended"]);
  expect(edit("\u0004").told).toEqual(["ended"]);
});

test("a paste of several lines is one line that waits for Enter, however it is split into chunks", () => {
  const paste = PASTE(".leave {\r\n  margin: 0;\r}\n");
  const { lines, editor } = edit(...[...paste].map((char) => char));
  expect(lines).toEqual([]);
  expect(editor.text).toBe(".leave {\v  margin: 0;\v}");
  expect(edit(paste, "\r").lines).toEqual([{ text: ".leave {\n  margin: 0;\n}", isPasted: true }]);
});

test("a pasted line is not a command; a pasted name after a typed command is its argument", () => {
  expect(edit(PASTE(".quit\n"), "\r").lines).toEqual([{ text: ".quit", isPasted: true }]);
  expect(edit("  ", PASTE(".quit"), " now\r").lines).toEqual([{ text: "  .quit now", isPasted: true }]);
  expect(edit(".join ", PASTE("lobby"), "\r").lines).toEqual([{ text: ".join lobby", isPasted: false }]);
  expect(edit(".join ", PASTE("lobby\n.quit"), "\r").lines).toEqual([{ text: ".join lobby\n.quit", isPasted: true }]);
});

test("input after a removed paste counts as typed", () => {
  expect(edit(PASTE("x"), "\u0015.quit\r").lines).toEqual([{ text: ".quit", isPasted: false }]);
});

test("G8 a paste is bounded, and an unterminated one does not swallow Ctrl-C", () => {
  const { editor, told } = edit(PASTE("x".repeat(PASTE_MAX + 10)));
  expect(editor.text.length).toBe(PASTE_MAX);
  expect(told).toEqual(["cut"]);
  expect(edit("\u001b[200~lost\u0003").told).toEqual(["ended"]);
});
