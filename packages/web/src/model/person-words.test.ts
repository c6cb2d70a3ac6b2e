import { expect, test } from "vitest";
import { clockIn, presenceWords, timeZones } from "./person-words.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

test("who is not here was last seen some time ago, unless that is hidden", () => {
  const seen = (minutes: number) =>
    presenceWords({ user: "a", online: false, away: false, lastSeen: NOON - minutes * 60_000 } as never, NOON);
  expect([10, 30, 60, 300, 2_880, 14_400].map(seen)).toEqual([
    "not here, last seen a few minutes ago",
    "not here, last seen 30 minutes ago",
    "not here, last seen an hour ago",
    "not here, last seen 5 hours ago",
    "not here, last seen 2 days ago",
    "not here, last seen 10 days ago",
  ]);
  expect(presenceWords(undefined)).toBe("not here");
  expect(presenceWords({ user: "a", online: false, away: false } as never)).toBe("not here");
  expect(presenceWords({ user: "a", online: true, away: true, lastSeen: NOON } as never, NOON)).toBe("away");
});

test("the clock of a time zone is shown, and of an unknown one nothing", () => {
  expect(clockIn("Asia/Tokyo", NOON)).toMatch(/9:00|21:00/);
  expect(clockIn("Nowhere/At_All", NOON)).toBe("");
  expect(timeZones()).toContain("Europe/Berlin");
});
