import { expect, test } from "vitest";
import { MENTIONS_MAX, parseMentions, splitAtMentions } from "./mentions.ts";

test.each([
  ["hi @Ann, and @bob.", ["ann", "bob"]],
  ["@ann.b-c_d! @ANN.B-C_D?", ["ann.b-c_d"]],
  ["(@ann) *@bob* @cé", ["ann", "bob"]],
  ["`@ann` and `@bob` but @cid", ["cid"]],
  ["```\n@ann\n``` @bob ```@cid", ["bob"]],
  ["an open `span @ann", ["ann"]],
])("%j mentions %j", (text, names) => {
  expect(parseMentions(text)).toEqual({ names });
});

test.each(["", "no name", "mail me at a@example.org", "https://x.org/@ann", "@", "@a", "@@ann", "`@room`"])(
  "%j mentions nobody",
  (text) => expect(parseMentions(text)).toBeUndefined(),
);

test("@room and @here are no names", () => {
  expect(parseMentions("@room @Here @ann")).toEqual({ names: ["ann"], room: true, here: true });
});

test("G8 a text mentions a bounded number of names, in time that grows with its length", () => {
  const many = Array.from({ length: 8_000 }, (_none, at) => `@u${at}`).join(" ");
  expect(parseMentions(many)?.names).toHaveLength(MENTIONS_MAX);
  for (const hostile of ["`".repeat(8_000), "```".repeat(3_000), `@${"a.".repeat(4_000)}`, "@".repeat(8_000)]) {
    const startedAt = performance.now();
    parseMentions(`${hostile}@`);
    expect(performance.now() - startedAt).toBeLessThan(200);
  }
});

test("a text is cut at its mentions, and nothing of it is lost", () => {
  expect(splitAtMentions("hi @Ann, and a@b.org; (@bob).")).toEqual(["hi ", "Ann", ", and a@b.org; (", "bob", ")."]);
  expect(splitAtMentions("nobody")).toEqual(["nobody"]);
});
