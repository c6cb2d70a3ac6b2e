import fc from "fast-check";
import { expect, test } from "vitest";
import { harmlessLine, harmlessLines } from "./harmless.ts";

test("escape sequences, C0 and C1 controls and bidi overrides cannot reach the terminal", () => {
  expect(harmlessLine("\u001b[2Jgone\u0007")).toBe("\ufffd[2Jgone\ufffd");
  expect(harmlessLine("\u009b31mred \u0085 \u007f")).toBe("\ufffd31mred \ufffd \ufffd");
  expect(harmlessLine("file\u202egpj.exe \u2066x\u2069")).toBe("file\ufffdgpj.exe \ufffdx\ufffd");
  expect(harmlessLine("two\nlines\r")).toBe("two\ufffdlines\ufffd");
});

test("ordinary text of any script is unchanged", () => {
  for (const text of ["héllo", "日本語", "שלום", "👩‍👩‍👧 ok", "a  b"]) expect(harmlessLine(text)).toBe(text);
});

test("no input yields a line with a control character or a line break", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const line of harmlessLines(text))
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
