import type { RoomState } from "@hubbub/client";
import type { RoomId, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { callsIn, listed, sectionsOf, withHead, withNews, withRead, withState } from "./rooms.ts";

const ME = { id: "me" as UserId, username: "Ada" };
const BOB = { id: "bob" as UserId, username: "bob" };
const TEA = "tea" as RoomId;

function state(room: string, more: Partial<RoomState> = {}): RoomState {
  const counts = { head: 5, epoch: 1, read: 5, unread: 0, mentions: 0 };
  const kind = { visibility: "public", topic: "", role: "member", level: "all", starred: false } as const;
  return { room: room as RoomId, name: room, ...kind, ...counts, ...more };
}

function rooms(...states: RoomState[]) {
  return withState(new Map(), { rooms: states }, true);
}

const head = { type: "head", room: TEA, epoch: 1, seq: 6, at: 1, by: BOB, preview: "hi" } as const;

test("starred rooms come first, then rooms, then direct ones, each by name", () => {
  const all = rooms(state("b"), state("a"), state("dm", { visibility: "direct" }), state("z", { starred: true }));
  expect(sectionsOf(all).map(({ title }) => title)).toEqual(["★ starred", "rooms", "direct"]);
  expect(listed(all).map(({ name }) => name)).toEqual(["z", "a", "b", "dm"]);
});

test("a head counts a message of another, and a mention by name whatever its case", () => {
  const all = rooms(state(TEA));
  expect(withHead(all, head, ME).get(TEA)).toMatchObject({ unread: 1, mentions: 0, head: 6 });
  expect(withHead(all, { ...head, mentions: { names: ["ada"] } }, ME).get(TEA)).toMatchObject({ mentions: 1 });
  expect(withHead(all, { ...head, by: ME }, ME).get(TEA)).toMatchObject({ unread: 0, head: 6 });
  expect(withHead(all, { ...head, preview: undefined }, ME).get(TEA)).toMatchObject({ unread: 0 });
  expect(withHead(all, { ...head, seq: 5 }, ME)).toBe(all);
});

test("mentions and direct messages call for the user, but not in the room that is looked at", () => {
  const all = rooms(state(TEA, { mentions: 2, unread: 5 }), state("dm", { visibility: "direct", unread: 3 }));
  expect([callsIn(all), callsIn(all, TEA), callsIn(all, "dm")]).toEqual([5, 3, 2]);
});

test("reading here or elsewhere clears the counts, and marks only move forwards", () => {
  const all = rooms(state(TEA, { unread: 3, mentions: 1, read: 2 }));
  expect(withRead(all, TEA, 4).get(TEA)).toMatchObject({ unread: 3, read: 4 });
  const read = withNews(all, { type: "personal", kind: "read", room: TEA, seq: 5 });
  expect(read.get(TEA)).toMatchObject({ unread: 0, mentions: 0, read: 5 });
  expect(withRead(read, TEA, 3)).toBe(read);
});

test("counts of the server win, unless this client has read further than the server knows", () => {
  const known = withRead(rooms(state(TEA, { head: 9, read: 2, unread: 4 })), TEA, 9);
  const told = withState(known, { rooms: [state(TEA, { head: 9, read: 2, unread: 4 })] }, false);
  expect(told.get(TEA)).toMatchObject({ unread: 0, read: 9 });
  const later = withState(told, { rooms: [state(TEA, { head: 12, read: 9, unread: 2 })] }, false);
  expect(later.get(TEA)).toMatchObject({ unread: 2 });
  expect(withState(later, { rooms: [] }, true).size).toBe(0);
});
