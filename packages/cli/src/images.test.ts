import { expect, test } from "vitest";
import { decodes, imageCodes, imageProtocolOf } from "./images.ts";

test.each([
  [{ TERM: "xterm-kitty" }, "kitty"],
  [{ TERM_PROGRAM: "ghostty", TERM: "xterm-ghostty" }, "kitty"],
  [{ TERM_PROGRAM: "iTerm.app" }, "iterm2"],
  [{ TERM: "xterm-256color" }, undefined],
  [{ TERM: "xterm-kitty", TMUX: "/tmp/tmux,1,0" }, undefined],
] as const)("the environment %o tells the protocol %s", (variables, protocol) => {
  expect(imageProtocolOf(variables)).toBe(protocol);
});

test("an image is sent whole, to kitty in pieces that it takes", () => {
  const content = Uint8Array.from({ length: 10_000 }, (_, at) => at % 251);
  const codes = imageCodes("kitty", content, 20).split("\u001b\\").slice(0, -1);
  const pieces = codes.map((code) => code.slice(code.indexOf(";") + 1));
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(4_096);
  expect(Buffer.from(pieces.join(""), "base64")).toEqual(Buffer.from(content));
  expect(codes.map((code) => /m=(\d);/.exec(code)?.[1])).toEqual(["1", "1", "1", "0"]);
  expect(imageCodes("iterm2", content, 20)).toContain(`size=10000:${Buffer.from(content).toString("base64")}\u0007`);
});

test("kitty decodes PNG only", () => {
  expect([decodes("kitty", "image/png"), decodes("kitty", "image/jpeg"), decodes("iterm2", "image/jpeg")]).toEqual([
    true,
    false,
    true,
  ]);
});
