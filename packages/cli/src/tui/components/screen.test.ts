import { stripVTControlCharacters } from "node:util";
import { render } from "ink-testing-library";
import { createElement } from "react";
import { expect, test } from "vitest";
import type { View } from "../model/view.ts";
import { RowText } from "./row.tsx";
import { Screen } from "./screen.tsx";

const VIEW: View = {
  columns: 30,
  height: 2,
  rooms: { columns: 7, rows: [[{ text: "#lobby " }]] },
  middle: { columns: 14, rows: [[{ text: "日本語 hi" }], [{ text: "second", style: { bold: true } }]] },
  side: { columns: 7, rows: [[{ text: "● ada" }]] },
  status: [{ text: "● connected", style: { color: "good" } }],
  input: { rows: ["lobby › x"], cursorRow: 0, cursorColumn: 9 },
};

test("columns stand beside each other, status and line below", () => {
  const { lastFrame, unmount } = render(createElement(Screen, { view: VIEW, colors: "none" }));
  expect(stripVTControlCharacters(lastFrame() ?? "").split("\n")).toEqual([
    "#lobby │日本語 hi     │● ada",
    "       │second        │",
    "● connected",
    "lobby › x",
  ]);
  unmount();
});

test("without rooms and members the messages have the whole width", () => {
  const view = { ...VIEW, rooms: undefined, side: undefined, middle: { ...VIEW.middle, columns: 30 } };
  const { lastFrame, unmount } = render(createElement(Screen, { view, colors: "none" }));
  expect(lastFrame()?.split("\n")[0]).toBe("日本語 hi");
  unmount();
});

test("a link stands around its text, and cannot end itself", () => {
  const row = [{ text: "tea.txt", link: "https://h/f\u0007\u001b[2J" }];
  const { lastFrame, unmount } = render(createElement(RowText, { row, colors: "16" }));
  expect(lastFrame()).toContain("tea.txt");
  expect(lastFrame()).not.toContain("[2J\u001b");
  expect(lastFrame()?.split("\u0007")).toHaveLength(3);
  unmount();
});

test.each([
  ["none", "\u001b[1mada", "● connected"],
  ["16", "\u001b[1m\u001b[32mada", "\u001b[32m● connected"],
  ["256", "\u001b[1m\u001b[38;5;161mada", "\u001b[38;5;28m● connected"],
  ["all", "\u001b[1m\u001b[38;2;100;126;22mada", "\u001b[38;2;24;135;42m● connected"],
] as const)("with %s colours these codes are written", (colors, name, status) => {
  const middle = { columns: 14, rows: [[{ text: "ada", style: { bold: true, nameOf: "ada" } }]] };
  const view = { ...VIEW, rooms: undefined, side: undefined, middle };
  const { lastFrame, unmount } = render(createElement(Screen, { view, colors }));
  expect(lastFrame()).toContain(name);
  expect(lastFrame()).toContain(status);
  if (colors === "none") expect(lastFrame()).not.toContain("\u001b[3");
  unmount();
});
