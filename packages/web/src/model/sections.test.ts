import type { Room, RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { PageStorage } from "./page-storage.ts";
import type { RoomStatus } from "./room-status.ts";
import { DEFAULT_CHOICE, type SectionChoice, SectionStore, sectionsOf, toggled, totalOf } from "./sections.ts";

const room = (name: string, fields: object = {}): Room =>
  ({ id: name, name, visibility: "public", ...fields }) as never;
const status = (name: string, fields: Partial<RoomStatus> = {}): [RoomId, RoomStatus] => [
  name as RoomId,
  { room: name, unread: 0, mentions: 0, level: "all", starred: false, isExact: true, ...fields } as RoomStatus,
];
const joined = [
  room("tea"),
  room("coffee"),
  room("star"),
  room("ada", { visibility: "direct" }),
  room("bob", { visibility: "direct" }),
  room("old", { settings: { archived: true } }),
  room("noise"),
];
const last = (at: number) => ({ seq: at, at, by: { id: "x", username: "x" }, text: "" }) as RoomStatus["last"];
const statuses = new Map([
  status("tea", { unread: 3, mentions: 1, isExact: false, last: last(5) }),
  status("coffee", { unread: 100, level: "mentions", last: last(9) }),
  status("star", { starred: true }),
  status("ada", { unread: 2, last: last(1) }),
  status("old", { starred: true, unread: 1 }),
  status("noise", { unread: 50, mentions: 4, level: "nothing" }),
]);
const sections = (choice: Partial<SectionChoice> = {}, open?: string) =>
  sectionsOf({ joined, statuses, open: open as RoomId | undefined, choice: { ...DEFAULT_CHOICE, ...choice } });
const short = (choice?: Partial<SectionChoice>, open?: string) =>
  sections(choice, open).map(({ id, rows }) => [id, rows.map((row) => row.room.name).join(" ")]);

test("each room is in one section; an archived one is with the archived, with a star or not", () => {
  expect(short({ collapsed: [] })).toEqual([
    ["starred", "star"],
    ["rooms", "coffee noise tea"],
    ["direct", "ada bob"],
    ["archived", "old"],
  ]);
  expect(sectionsOf({ joined: [], statuses, open: undefined, choice: DEFAULT_CHOICE })).toEqual([]);
});

test("the rooms of the last messages come first where the user wants that", () => {
  expect(short({ sort: "recent" })[1]).toEqual(["rooms", "coffee tea noise"]);
});

test("badges count what is meant for the user, and nothing of muted rooms", () => {
  const [, rooms, direct] = sections();
  expect(rooms).toMatchObject({ unread: 2, mentions: 1 });
  expect(rooms?.rows.map(({ unread, mentions, isMuted }) => [unread, mentions, isMuted])).toEqual([
    [100, 0, false],
    [0, 0, true],
    [3, 1, false],
  ]);
  expect(direct).toMatchObject({ unread: 1, mentions: 2 });
  expect(totalOf(sections())).toEqual({ unread: 4, mentions: 3 });
});

test("a collapsed section shows what is unread and the open room, and counts all", () => {
  const [, rooms] = sections({ collapsed: ["rooms"] }, "noise");
  expect(rooms).toMatchObject({ isCollapsed: true, unread: 2, mentions: 1 });
  expect(rooms?.rows.map((row) => row.room.name)).toEqual(["coffee", "noise", "tea"]);
  expect(short({ collapsed: ["direct"] })[2]).toEqual(["direct", "ada"]);
});

test("what is collapsed is kept for each user, and damaged choices count as none", () => {
  const storage = new PageStorage(() => ({}) as Storage, "hubbub.");
  const choice = toggled(toggled(DEFAULT_CHOICE, "archived"), "direct");
  expect(choice.collapsed).toEqual(["direct"]);
  new SectionStore(storage, "me").write(choice);
  expect(new SectionStore(storage, "me").read()).toEqual(choice);
  expect(new SectionStore(storage, "you").read()).toEqual(DEFAULT_CHOICE);
  storage.set("sections.me", JSON.stringify({ collapsed: ["cellar"], sort: "name" }));
  expect(new SectionStore(storage, "me").read()).toEqual(DEFAULT_CHOICE);
});
