import fc from "fast-check";
import { expect, test } from "vitest";
import { widthOf } from "../width.ts";
import { layOut } from "./layout.ts";

test("a line is broken before the last column, and the cursor is at its character", () => {
  const line = { prompt: "a › ", text: "x".repeat(20), cursor: 20 };
  expect(layOut(line, 10, 9)).toEqual({ rows: ["a › xxxxx", "xxxxxxxxx", "xxxxxx"], cursorRow: 2, cursorColumn: 6 });
  expect(layOut({ ...line, cursor: 5 }, 10, 9)).toMatchObject({ cursorRow: 1, cursorColumn: 0 });
});

test("the line breaks of a paste are shown, and its control characters have no effect", () => {
  const { rows } = layOut({ prompt: "› ", text: "a\vb\u001b[2J\u202e", cursor: 0 }, 80, 9);
  expect(rows).toEqual(["› a⏎b\ufffd[2J\ufffd"]);
});

test("G8 for any input rows are bounded in width and number, and the cursor is in one of them", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 400 });
  fc.assert(
    fc.property(
      text,
      fc.nat(),
      fc.integer({ min: 10, max: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (typed, at, columns, rowsMax) => {
        const cursor = at % (typed.length + 1);
        const { rows, cursorRow, cursorColumn } = layOut({ prompt: "room › ", text: typed, cursor }, columns, rowsMax);
        expect(rows.length).toBeLessThanOrEqual(rowsMax);
        for (const row of rows) expect(widthOf(row)).toBeLessThan(columns);
        expect(rows[cursorRow]).toBeDefined();
        expect(cursorColumn).toBeLessThan(columns);
      },
    ),
  );
});
