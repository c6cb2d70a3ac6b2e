import { expect, test } from "vitest";
import { lastWhole, parseSegment, planWal, segmentOf } from "./wal-names.ts";

const MIB_16 = 16 * 1_048_576;
const name = (number: number, timeline = 1) =>
  [timeline, Math.floor(number / 256), number % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, "0"))
    .join("");

test("a segment has the number that its position has", () => {
  expect(parseSegment("0000000100000002000000FF", MIB_16)).toEqual({ timeline: 1, number: 2 * 256 + 255 });
  expect(segmentOf("2/FF000028", MIB_16)).toBe(2 * 256 + 255);
  expect(segmentOf("2/FF000028", 1_048_576)).toBe(2 * 4_096 + 255 * 16);
  for (const other of ["00000002.history", "0000000100000002000000FF.partial", "shipped.json"])
    expect(parseSegment(other, MIB_16)).toBeNull();
});

test("a restore takes the log from the base on, with the last segment though it is partial", () => {
  const there = [name(255), name(256), name(257), `${name(257)}.partial`, `${name(258)}.partial`, "shipped.json"];
  expect(planWal(there, 256, MIB_16)).toEqual({ names: [name(256), name(257), `${name(258)}.partial`], holes: [] });
});

test("holes are named, and so is a log that is not there at all", () => {
  expect(planWal([name(3), name(5), `${name(8)}.partial`], 3, MIB_16).holes).toEqual([4, 6, 7]);
  expect(planWal([name(4), name(5)], 3, MIB_16).holes).toEqual([3]);
  expect(planWal([name(1)], 3, MIB_16)).toEqual({ names: [], holes: [3] });
});

test("a new timeline goes on where the old one ended", () => {
  const there = [name(3), `${name(4)}.partial`, name(4, 2), name(5, 2), "00000002.history"];
  expect(planWal(there, 3, MIB_16)).toEqual({
    names: ["00000002.history", name(3), `${name(4)}.partial`, name(4, 2), name(5, 2)],
    holes: [],
  });
});

test("the last whole segment is of the newest timeline, whose numbers may be below those of the old one", () => {
  expect(lastWhole([name(3), name(4), `${name(5)}.partial`])).toBe(name(4));
  expect(lastWhole(["00000002.history", name(3), name(9), name(4, 2), `${name(5, 2)}.partial`])).toBe(name(4, 2));
  expect(lastWhole([name(3), name(9), `${name(4, 2)}.partial`])).toBeNull();
  expect(lastWhole([])).toBeNull();
});
