import { expect, test } from "vitest";
import { type Anchor, type Column, centred, reveal, scrolled, visible } from "./scroll.ts";

/** Entries of one to three rows, named by their numbers. */
function columnOf(from: number, to: number): Column {
  const keys = Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
  return {
    keys,
    rowsAt: (index) => {
      const number = from + index;
      return Array.from({ length: 1 + (number % 3) }, (_, row) => [{ text: `${number}.${row}` }]);
    },
  };
}

const HEIGHT = 7;
const seen = (column: Column, anchor: Anchor) => visible(column, anchor, HEIGHT).rows.map((row) => row[0]?.text);

test("the newest rows are seen, whatever comes", () => {
  expect(seen(columnOf(1, 10), undefined).at(-1)).toBe("10.1");
  expect(seen(columnOf(1, 11), undefined).at(-1)).toBe("11.2");
  expect(seen(columnOf(1, 1), undefined)).toEqual(["1.0", "1.1"]);
});

test("up and down by any number of rows shows every row in its order", () => {
  const column = columnOf(1, 30);
  const all = column.keys.flatMap((_, index) => column.rowsAt(index).map((row) => row[0]?.text));
  for (const step of [1, 2, 5, 11]) {
    let anchor: Anchor;
    for (let up = step; up < all.length; up += step) {
      anchor = scrolled(column, anchor, step, HEIGHT);
      const end = Math.max(HEIGHT, all.length - up);
      expect(seen(column, anchor)).toEqual(all.slice(end - HEIGHT, end));
    }
    for (let at = 0; at < all.length; at += 1) anchor = scrolled(column, anchor, -1, HEIGHT);
    expect(anchor).toBeUndefined();
  }
});

test("what is loaded above and what comes below moves nothing", () => {
  const anchor = scrolled(columnOf(20, 40), undefined, 9, HEIGHT);
  const before = seen(columnOf(20, 40), anchor);
  expect(seen(columnOf(1, 60), anchor)).toEqual(before);
});

test("the top is reached, and told", () => {
  const column = columnOf(1, 30);
  const anchor = scrolled(column, undefined, 1_000, HEIGHT);
  expect(visible(column, anchor, HEIGHT)).toMatchObject({ isTop: true, keys: ["1", "2", "3", "4"] });
  expect(visible(column, undefined, HEIGHT).isTop).toBe(false);
  expect(visible(columnOf(1, 2), undefined, HEIGHT).isTop).toBe(true);
});

test("an entry is brought into sight with as little movement as possible, or to the middle", () => {
  const column = columnOf(1, 30);
  expect(reveal(column, undefined, "29", HEIGHT)).toBeUndefined();
  const up = reveal(column, undefined, "10", HEIGHT);
  expect(seen(column, up)[0]).toBe("10.0");
  const down = reveal(column, up, "20", HEIGHT);
  expect(seen(column, down).at(-1)).toBe("20.2");
  const middle = seen(column, centred(column, "15", HEIGHT));
  expect(middle.indexOf("15.0")).toBe(3);
});
