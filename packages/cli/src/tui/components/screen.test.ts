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
  status: [{ text: "● connected", style: { color: "green" } }],
  input: { rows: ["lobby › x"], cursorRow: 0, cursorColumn: 9 },
};

test("columns stand beside each other, status and line below", () => {
  const { lastFrame, unmount } = render(createElement(Screen, { view: VIEW, isColored: false }));
  expect(lastFrame()?.split("\n")).toEqual([
    "#lobby │日本語 hi     │● ada",
    "       │second        │",
    "● connected",
    "lobby › x",
  ]);
  unmount();
});

test("without rooms and members the messages have the whole width", () => {
  const view = { ...VIEW, rooms: undefined, side: undefined, middle: { ...VIEW.middle, columns: 30 } };
  const { lastFrame, unmount } = render(createElement(Screen, { view, isColored: false }));
  expect(lastFrame()?.split("\n")[0]).toBe("日本語 hi");
  unmount();
});

test("a link stands around its text, and cannot end itself", () => {
  const row = [{ text: "tea.txt", link: "https://h/f\u0007\u001b[2J" }];
  const { lastFrame, unmount } = render(createElement(RowText, { row, isColored: true }));
  expect(lastFrame()).toContain("tea.txt");
  expect(lastFrame()).not.toContain("[2J\u001b");
  expect(lastFrame()?.split("\u0007")).toHaveLength(3);
  unmount();
});
