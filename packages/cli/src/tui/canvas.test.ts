import { expect, test } from "vitest";
import { Grid } from "../../test/grid.ts";
import { Canvas } from "./canvas.ts";

function canvasOn(grid: Grid) {
  const written: string[] = [];
  const canvas = new Canvas({
    columns: grid.columns,
    rows: grid.rows,
    write: (text) => {
      written.push(text);
      grid.write(text);
    },
  });
  return { canvas, written };
}

test("only rows that differ are sent, and the cursor is put in its place", () => {
  const grid = new Grid(10, 4);
  const { canvas, written } = canvasOn(grid);
  canvas.write("one\ntwo\nthree");
  canvas.place({ row: 1, column: 2 });
  canvas.write("one\n2\nthree");
  expect(grid.lines).toEqual(["one", "2", "three", ""]);
  expect(written[1]).not.toContain("one");
  expect(grid.cursor).toEqual({ row: 1, column: 2 });
  canvas.write("one");
  expect(grid.lines).toEqual(["one", "", "", ""]);
});

test("what stands behind wide characters keeps its column in a terminal that measures them otherwise", () => {
  const grid = new Grid(20, 4, () => 1);
  canvasOn(grid).canvas.write("日本│x│\nab  │y│");
  expect([grid.columnOf(0, "│"), grid.columnOf(1, "│")]).toEqual([4, 4]);
});

test("while it is held nothing is written, and then everything", () => {
  const grid = new Grid(10, 4);
  const { canvas, written } = canvasOn(grid);
  canvas.write("one\ntwo");
  canvas.hold();
  canvas.write("1\n2");
  expect(written).toHaveLength(1);
  grid.write("\u001b[H\u001b[2Jshell");
  canvas.forget();
  canvas.write("1\n2");
  expect(grid.lines.slice(0, 2)).toEqual(["1", "2"]);
});
