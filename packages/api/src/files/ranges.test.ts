import { expect, test } from "vitest";
import { askedRange, isKnown } from "./ranges.ts";

const FILE = { bytes: 1_000, etag: '"new"' };

test.each([
  ["bytes=0-0", { start: 0, end: 0 }],
  ["bytes=990-", { start: 990, end: 999 }],
  ["bytes=-5", { start: 995, end: 999 }],
  ["bytes=-5000", { start: 0, end: 999 }],
  ["bytes=10-5000", { start: 10, end: 999 }],
  ["bytes=0-1,4-5", "none"],
  ["lines=1-2", "none"],
  ["bytes=9-1", "none"],
  ["bytes=-", "none"],
  [`bytes=${"9".repeat(40)}-`, "none"],
  [undefined, "none"],
  ["bytes=1000-", "bad"],
  ["bytes=-0", "bad"],
])("the range %s of 1,000 bytes", (range, expected) => {
  expect(askedRange({ range, ifRange: undefined }, FILE)).toEqual(expected);
});

test("a range counts only for the version that the client has a part of", () => {
  expect(askedRange({ range: "bytes=0-9", ifRange: '"new"' }, FILE)).toEqual({ start: 0, end: 9 });
  for (const ifRange of ['"old"', 'W/"new"', "Thu, 01 Jan 2026 00:00:00 GMT"]) {
    expect(askedRange({ range: "bytes=0-9", ifRange }, FILE)).toBe("none");
  }
  expect(askedRange({ range: "bytes=0-", ifRange: undefined }, { ...FILE, bytes: 0 })).toBe("bad");
});

test("a client names the versions that it has", () => {
  expect(['"new"', 'W/"old", "new"', 'W/"new"', "*"].every((tags) => isKnown(tags, FILE.etag))).toBe(true);
  expect([undefined, '"old"', "new"].some((tags) => isKnown(tags, FILE.etag))).toBe(false);
});
