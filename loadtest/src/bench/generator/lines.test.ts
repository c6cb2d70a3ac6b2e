import { expect, test } from "vitest";
import { byLine } from "./lines.ts";

test.each([
  ["one", ["one"]],
  ["one\ntwo\n\nthree", ["one", "two", "three"]],
  ["one\n", ["one"]],
  ["", []],
])("a frame %j is read line by line, and nothing of its neighbours", (frame, lines) => {
  const seen: string[] = [];
  const listener = byLine((bytes, start, end) => seen.push(bytes.toString("utf8", start, end)));
  listener(Buffer.from(`before\n${frame}\nafter`), 7, 7 + frame.length);
  expect(seen).toEqual(lines);
});
