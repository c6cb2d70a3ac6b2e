import { expect, test } from "vitest";
import { type Colors, colorsOf, luminanceOf, meaningCode, nameCode } from "./colors.ts";

const NAMES = Array.from({ length: 500 }, (_none, at) => `user ${at}`);

test.each([
  [{ TERM: "xterm" }, "16"],
  [{ TERM: "screen" }, "16"],
  [{ TERM: "xterm-256color" }, "256"],
  [{ TERM: "tmux-256color", TMUX: "/tmp/tmux" }, "256"],
  [{ TERM: "tmux-256color", TMUX: "/tmp/tmux", COLORTERM: "truecolor" }, "all"],
  [{ TERM: "xterm-256color", COLORTERM: "24bit" }, "all"],
  [{ TERM: "xterm-direct" }, "all"],
  [{ TERM: "xterm-256color", NO_COLOR: "" }, "256"],
  [{ TERM: "xterm-256color", COLORTERM: "truecolor", NO_COLOR: "1" }, "none"],
  [{ TERM: "dumb", COLORTERM: "truecolor" }, "none"],
])("a terminal with %j shows %s colours", (variables, colors) => {
  expect(colorsOf(variables, true)).toBe(colors);
  expect(colorsOf(variables, false)).toBe("none");
});

/** Of the 256: a cube of six steps, and 24 greys. */
function rgbOf(code: string): number[] {
  const [, kind, ...rest] = code.split(";").map(Number);
  if (kind === 2) return rest;
  const at = (rest[0] ?? 0) - 16;
  if (at >= 216) return [1, 1, 1].map(() => 8 + (at - 216) * 10);
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) => (step === 0 ? 0 : 55 + step * 40));
}

const contrast = (one: number, other: number) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

test.each([
  ["256", 3.5, 3],
  ["all", 4.4, 3],
] as const)("%s colours can be read on light and on dark backgrounds", (colors, pure, usual) => {
  const meanings = (["good", "bad", "notice", "accent"] as const).map((meaning) => meaningCode(meaning, colors));
  const codes = new Set([...NAMES.map((name) => nameCode(name, colors)), ...meanings]);
  expect(codes.size).toBeGreaterThan(12);
  for (const code of codes) {
    const luminance = luminanceOf(rgbOf(code));
    for (const background of ["000000", "ffffff"]) {
      const ground = luminanceOf([...Buffer.from(background, "hex")]);
      expect(contrast(luminance, ground), `${code} on ${background}`).toBeGreaterThanOrEqual(pure);
    }
    if (colors === "256") continue;
    for (const background of ["1e1e1e", "002b36", "fdf6e3"]) {
      const ground = luminanceOf([...Buffer.from(background, "hex")]);
      expect(contrast(luminance, ground), `${code} on ${background}`).toBeGreaterThanOrEqual(usual);
    }
  }
});

test.each<Colors>(["16", "256", "all"])(
  "with %s colours a name always has the same one, and others have others",
  (colors) => {
    expect(nameCode("ada", colors)).toBe(nameCode("ada", colors));
    expect(new Set(NAMES.map((name) => nameCode(name, colors))).size).toBe(
      { 16: 4, 256: 16, all: 24, none: 0 }[colors],
    );
  },
);
