import type { RoomEvent, UserId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstUnread, localDay, nameOfDay, type Row, rowsOf } from "./rows.ts";
import { EMPTY, type Timeline, withEvent, withLive } from "./timeline.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const me = "me" as UserId;
const dayOf = (at: number): string => `day ${Math.floor(at / DAY)}`;
const said = (seq: number, by: string, at: number, more: object = {}): RoomEvent =>
  ({
    type: "event",
    kind: "message",
    room: "r",
    epoch: 1,
    seq,
    at,
    id: `m${seq}`,
    text: "",
    by: { id: by },
    ...more,
  }) as never;
const of = (...events: RoomEvent[]): Timeline => events.reduce(withEvent, EMPTY);
const short = (rows: readonly Row[]) =>
  rows.map((row) => (row.kind === "item" ? `${row.startsGroup ? "+" : ""}${row.item.seq}` : row.kind));

test("messages of one author within five minutes belong together", () => {
  const timeline = of(
    said(1, "ada", 0),
    said(2, "ada", 5 * MINUTE),
    said(3, "ada", 10 * MINUTE + 1),
    said(4, "bob", 10 * MINUTE + 2),
    said(5, "ada", 10 * MINUTE + 3),
    said(6, "ada", 10 * MINUTE + 4, { replyTo: 1 }),
  );
  expect(short(rowsOf(timeline, { me, readUpTo: undefined, dayOf }))).toEqual([
    "day",
    "+1",
    "2",
    "+3",
    "+4",
    "+5",
    "+6",
  ]);
});

test("a day and the line of what is new end a group, as a note does", () => {
  const join = { ...said(4, "ada", DAY + 3), kind: "join", user: "ada" } as never as RoomEvent;
  const timeline = of(
    said(1, "ada", DAY - 1),
    said(2, "ada", DAY + 1),
    said(3, "ada", DAY + 2),
    join,
    said(5, "ada", DAY + 4),
  );
  const rows = rowsOf(timeline, { me, readUpTo: 2, dayOf });
  expect(short(rows)).toEqual(["day", "+1", "day", "+2", "unread", "+3", "+4", "+5"]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

test("what is new begins with a message of somebody else, which is loaded and neither deleted nor only in a thread", () => {
  const timeline = of(said(3, "me", 1), said(4, "ada", 1, { thread: 1 }), said(5, "ada", 1), said(6, "ada", 1));
  expect(firstUnread(timeline, { me, readUpTo: 2 })).toBe(5);
  expect(firstUnread(timeline, { me, readUpTo: 6 })).toBeUndefined();
  expect(firstUnread(timeline, { me, readUpTo: undefined })).toBeUndefined();
  const [own, thread, deleted, last] = timeline.items;
  if (deleted?.kind !== "message") expect.fail();
  const items = [own, thread, { ...deleted, state: { ...deleted.state, isDeleted: true } }, last] as Timeline["items"];
  expect(firstUnread({ ...timeline, items }, { me, readUpTo: 2 })).toBe(6);
  // The first of them may be above what is loaded.
  const late = withEvent(withLive(EMPTY, 4), said(5, "ada", 1));
  expect(firstUnread(late, { me, readUpTo: 3 })).toBeUndefined();
  expect(firstUnread(late, { me, readUpTo: 4 })).toBe(5);
});

test("every item is there once in its order, below exactly one line of its day", () => {
  const step = fc.record({ by: fc.constantFrom("ada", "bob", "me"), ms: fc.integer({ min: -MINUTE, max: DAY }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, readUpTo) => {
      let at = 10 * DAY;
      const events = steps.map(({ by, ms }, index) => {
        at += ms;
        return said(index + 1, by, at);
      });
      const timeline = of(...events);
      const rows = rowsOf(timeline, { me, readUpTo, dayOf });
      expect(rows.flatMap((row) => (row.kind === "item" ? [row.item.seq] : []))).toEqual(
        steps.map((_, index) => index + 1),
      );
      let day = "";
      for (const row of rows) {
        if (row.kind === "day") {
          expect(row.day).not.toBe(day);
          day = row.day;
        } else if (row.kind === "item") expect(dayOf(row.item.at)).toBe(day);
      }
      expect(rows.filter(({ kind }) => kind === "unread").length).toBeLessThanOrEqual(1);
    }),
  );
});

test("days have names", () => {
  const now = new Date("2026-03-01T00:30").getTime();
  expect(localDay(now)).toBe("2026-03-01");
  expect(nameOfDay("2026-03-01", now)).toBe("Today");
  expect(nameOfDay("2026-02-28", now)).toBe("Yesterday");
  expect(nameOfDay("2026-02-27", now, "en-GB")).toMatch(/^Friday,? 27 February$/);
  expect(nameOfDay("2025-12-31", now, "en-GB")).toMatch(/^Wednesday,? 31 December 2025$/);
});
