import type { RoomQuery } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { RoomListing } from "./room-lists.ts";

const PAGE = 50;
const rooms = (name: string, count: number, role: "member" | null): Room[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${name}${index}`, name: `${name} ${index}`, role }) as Room);

/** A server with 57 rooms of the user and 120 public ones. */
const http = {
  listRooms: async ({ joined, query = "", cursor = "0" }: RoomQuery = {}) => {
    const all = joined ? rooms("own", 57, "member") : rooms("public", 120, null);
    const found = all.filter(({ name }) => name.includes(query));
    const end = Number(cursor) + PAGE;
    return { rooms: found.slice(Number(cursor), end), cursor: end < found.length ? `${end}` : undefined };
  },
};

test("all rooms of the user are listed, whatever the number of public ones; those come by page and search", async () => {
  const listing = new RoomListing(http, new AbortController().signal, () => undefined);
  await listing.search("");
  expect(listing.lists).toMatchObject({ isWhole: false, isLoading: false });
  await listing.load();
  expect(listing.lists).toMatchObject({ joined: { length: 57 }, isWhole: true, others: { length: 50 }, hasMore: true });
  await listing.more();
  await listing.more();
  expect(listing.lists).toMatchObject({ others: { length: 120 }, hasMore: false, isLoading: false });
  await Promise.all([listing.search("public 1"), listing.search("public 99")]);
  expect(listing.lists.others.map(({ name }) => name)).toEqual(["public 99"]);
});

test("a joined room moves from the others to the user's own", async () => {
  const listing = new RoomListing(http, new AbortController().signal, () => undefined);
  await listing.load();
  const [room] = listing.lists.others;
  listing.joined({ ...room, role: "member" } as Room);
  expect(listing.lists.joined.some(({ id }) => id === room?.id)).toBe(true);
  expect(listing.lists.others.some(({ id }) => id === room?.id)).toBe(false);
});

test("an answer that comes late changes nothing any more, and its caller waits for the newer one", async () => {
  const [left, kept] = [rooms("left", 1, "member"), rooms("kept", 1, "member")];
  let answerLate = (): void => undefined;
  const late = new Promise<{ rooms: Room[] }>((resolve) => {
    answerLate = () => resolve({ rooms: left });
  });
  const answers = [late, Promise.resolve({ rooms: kept })];
  const listRooms = ({ joined }: RoomQuery = {}) =>
    joined ? (answers.shift() ?? Promise.resolve({ rooms: kept })) : Promise.resolve({ rooms: [] });
  const listing = new RoomListing({ listRooms }, new AbortController().signal, () => undefined);
  const first = listing.load();
  await listing.load();
  answerLate();
  await first;
  expect(listing.lists.joined).toEqual(kept);
});
