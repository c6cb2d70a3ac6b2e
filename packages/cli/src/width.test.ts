import { expect, test } from "vitest";
import { fit, widthOf } from "./width.ts";

test("wide characters take two columns, marks none", () => {
  expect(["abc", "日本", "e\u0301", "👩‍👩‍👧", "…"].map(widthOf)).toEqual([3, 4, 1, 2, 1]);
});

test("a text that does not fit is cut with an ellipsis", () => {
  expect(fit("abcdef", 6)).toBe("abcdef");
  expect(fit("abcdef", 4)).toBe("abc…");
  expect(widthOf(fit("日本語日本語", 6))).toBeLessThanOrEqual(6);
});
