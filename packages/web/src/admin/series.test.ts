import type { RoomId } from "@hubbub/protocol";
import type { Figures } from "@hubbub/protocol/http-figures";
import { expect, test } from "vitest";
import { bytes, count, lasting } from "./figures-words.ts";
import { hashOf, type Place, placeOf } from "./place.ts";
import { linesOf, nearest, pathOf, topOf, totalOf } from "./series.ts";

const MINUTE_MS = 60_000;
const NOW = 1_700_000_000_000;
const minute = (ago: number, value: number) => ({ at: NOW - ago * MINUTE_MS, value });

test("yesterday lies over today at the same time of day, and older minutes are left out", () => {
  const day = 24 * 60;
  const both = { today: [minute(61, 9), minute(30, 1)], yesterday: [minute(day + 30, 2), minute(day - 5, 3)] };
  const { today, yesterday } = linesOf(both, NOW, ({ value }) => value);
  expect(today).toMatchObject([{ value: 1 }]);
  expect(yesterday).toMatchObject([{ value: 2, x: today[0]?.x }]);
});

test("a line has a gap where minutes are missing", () => {
  const all = [minute(40, 1), minute(39, 2), minute(10, 4)];
  const { today } = linesOf({ today: all, yesterday: [] }, NOW, ({ value }) => value);
  expect(pathOf(today, 4)).toBe("M34.17 75.00L35.83 50.00M84.17 0.00");
  expect(nearest(today, 0.33)?.value).toBe(1);
  expect(nearest(today, 0.3)).toBeUndefined();
  expect(nearest([], 0.3)).toBeUndefined();
});

test("the top of a chart is a round number above all values", () => {
  expect([[], [0], [7], [0.35], [1_001], [4_999]].map(topOf)).toEqual([1, 1, 8, 0.4, 1_500, 5_000]);
});

test("the whole cluster is the sum of its processes, and the slowest of them", () => {
  const none = { rooms: 0, accepted: 0, delivered: 0, stored: 0, refused: 0, cpu: 0, memory: 0, unstored: 0, lag: 0 };
  const one: Figures = { ...none, connections: 2, loop: 0.1, acceptP99: 4 };
  const two: Figures = { ...none, connections: 3, loop: 0.7 };
  expect(totalOf([one, two])).toMatchObject({ connections: 5, loop: 0.7, acceptP99: 4, acceptP50: undefined });
  expect(totalOf([])).toMatchObject({ connections: 0, loop: 0 });
});

test("every place has an address, and an unknown address shows the cluster", () => {
  const room = "0198f5a0-0000-7000-8000-000000000001" as RoomId;
  const places: Place[] = [
    { at: "cluster" },
    { at: "reports" },
    { at: "node", node: "gateway 1/2" },
    { at: "room", room },
    { at: "connections", about: { node: "a b", room } },
  ];
  for (const place of places) expect(placeOf(hashOf(place))).toEqual(place);
  for (const hash of ["", "#/", "#/room/1", "#/node/", "#lobby"]) expect(placeOf(hash)).toEqual({ at: "cluster" });
  expect(placeOf("#/node/%")).toEqual({ at: "node", node: "%" });
  expect(placeOf("#/connections?user=1&room=2")).toEqual({ at: "connections", about: {} });
});

test("figures are short words", () => {
  expect([0, 7.25, 812.4, 9_999, 12_340, 3_400_000].map(count)).toEqual([
    "0",
    "7.3",
    "812",
    "9,999",
    "12.3 k",
    "3.4 M",
  ]);
  expect([900, 2_048, 5_242_880, 1_610_612_736].map(bytes)).toEqual(["900 B", "2 KiB", "5 MiB", "1.5 GiB"]);
  expect([400, 59_000, 3_500_000, 7_200_000, 259_200_000].map(lasting)).toEqual([
    "0 s",
    "59 s",
    "58 min",
    "2 h",
    "3 days",
  ]);
});
