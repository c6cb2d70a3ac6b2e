import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createRoom, createUser, fresh, type GetStore, message, storeEvents } from "./fixtures.ts";

type Filter = Omit<Parameters<Store["rooms"]["list"]>[1], "limit">;

/** All names, page by page. */
async function listNames(store: Store, user: UserId, filter: Filter, limit: number): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.rooms.list(user, { ...filter, cursor, limit });
    expect(page.rooms.length).toBeLessThanOrEqual(limit);
    names.push(...page.rooms.map((room) => room.name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return names;
}

export function roomsContract(getStore: GetStore): void {
  test("a public room's name is unique whatever its case, a private one's is not", async () => {
    const store = getStore();
    const { rooms, members } = store;
    const owner = await createUser(store);
    const room = { name: fresh("Garden"), visibility: "public", topic: "roses", createdBy: owner.id } as const;
    const created = await rooms.create(room);
    const record = { id: created.id, name: room.name, visibility: "public", topic: "roses" };
    expect(created).toEqual({ ...record, isNew: true });
    expect(await rooms.find(created.id)).toEqual(record);
    expect(await members.roles([{ room: created.id, user: owner.id }])).toEqual(["owner"]);
    const again = { ...room, name: room.name.toLowerCase() };
    await expect(rooms.create(again)).rejects.toMatchObject({ code: "room_name_taken" });
    await rooms.create({ ...again, visibility: "private" });
    await rooms.create({ ...again, visibility: "private" });
    expect(await rooms.find(newId<RoomId>())).toBeNull();
  });

  test.each([
    ["composed and decomposed letters", "caf\u00e9", "cafe\u0301"],
    ["an invisible character", "lobby", "lob\u200bby"],
    ["compatibility forms", "lobby", "\uff4cobby"],
    ["letters of another script", "paper", "\u0440\u0430\u0440er"],
    ["runs of blanks", "a b", "a \u2003 b"],
  ])("public rooms whose names differ only by %s are one name", async (_what, name, twin) => {
    const store = getStore();
    const owner = await createUser(store);
    const tag = fresh("");
    const room = { visibility: "public", topic: "", createdBy: owner.id } as const;
    await store.rooms.create({ ...room, name: name + tag });
    await expect(store.rooms.create({ ...room, name: twin + tag })).rejects.toMatchObject({ code: "room_name_taken" });
  });

  test("repeated and concurrent creations with the same id of one user make one room", async () => {
    const store = getStore();
    const [owner, other] = [await createUser(store), await createUser(store)];
    const room = {
      name: fresh("once"),
      visibility: "private",
      topic: "",
      createdBy: owner.id,
      creationId: "c1",
    } as const;
    const made = await Promise.all([store.rooms.create(room), store.rooms.create(room), store.rooms.create(room)]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await store.rooms.create({ ...room, createdBy: other.id })).isNew).toBe(true);
  });

  test("rooms are listed by name, page by page, and private ones only to their members", async () => {
    const store = getStore();
    const [owner, reader] = [await createUser(store), await createUser(store)];
    const tag = fresh("list_%tag");
    const make = (name: string, visibility: "public" | "private") =>
      store.rooms.create({ name: `${name} ${tag}`, visibility, topic: "", createdBy: owner.id });
    await make("d", "public");
    const joined = await make("B", "public");
    await make("c", "private");
    const invited = await make("a", "private");
    for (const room of [joined, invited]) await store.members.add(room.id, reader.id, "member");
    const named = (...names: string[]) => names.map((name) => `${name} ${tag}`);
    const query = tag.toUpperCase();
    for (const limit of [1, 2, 50]) {
      expect(await listNames(store, reader.id, { query }, limit)).toEqual(named("a", "B", "d"));
      expect(await listNames(store, reader.id, { query, joined: true }, limit)).toEqual(named("a", "B"));
      expect(await listNames(store, reader.id, { query, joined: false }, limit)).toEqual(named("d"));
      expect(await listNames(store, owner.id, { query, joined: true }, limit)).toEqual(named("a", "B", "c", "d"));
    }
    const page = await store.rooms.list(reader.id, { query, limit: 3 });
    expect(page.rooms.map((room) => room.role)).toEqual(["member", "member", null]);
    await expect(store.rooms.list(reader.id, { cursor: "bm90IG91cnM", limit: 3 })).rejects.toMatchObject({
      code: "bad_request",
    });
  });

  epochContract(getStore);
}

function epochContract(getStore: GetStore): void {
  test("G6 an epoch starts above what was seen, stored and begun before, and jumps unless it is the first", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    expect(await store.rooms.beginEpoch(room, 0, 1_000)).toEqual({ epoch: 1, head: 0 });
    const heads: number[] = [];
    const begin = async (seen: number, jump: number) => {
      heads.push((await store.rooms.beginEpoch(room, seen, jump)).head);
    };
    await begin(0, 1);
    await begin(5_000, 10);
    await storeEvents(store, [message(room, owner, 70_000)]);
    await begin(69_999, 10);
    await begin(0, 0);
    const jumps = heads.map((head, at) => head - ([0, 5_000, 70_000, heads[2] ?? 0][at] ?? 0));
    for (const [at, jump] of [1, 10, 10].entries()) expect(jumps[at]).toBeGreaterThanOrEqual(jump);
    for (const [at, jump] of [1, 10, 10].entries()) expect(jumps[at]).toBeLessThan(jump * 1_025);
    expect(jumps[3]).toBe(0);
    await expect(store.rooms.beginEpoch(newId<RoomId>(), 0, 0)).rejects.toMatchObject({ code: "unknown_room" });
  });

  test("G6 epochs rise by random steps: a restored database does not repeat its epochs", async () => {
    const store = getStore();
    const rooms = await Promise.all(Array.from({ length: 8 }, () => createRoom(store)));
    const seconds: number[] = [];
    for (const { room } of rooms) {
      const first = await store.rooms.beginEpoch(room, 0, 0);
      const second = await store.rooms.beginEpoch(room, 0, 0);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(second.epoch).toBeLessThanOrEqual(first.epoch + 2 ** 20);
      seconds.push(second.epoch);
    }
    expect(new Set(seconds).size).toBeGreaterThan(1);
  });

  test("G6 on a store that was set back an epoch numbers elsewhere than the one that was lost", async () => {
    const store = getStore();
    // Every room is the same room in another history.
    const rooms = await Promise.all(Array.from({ length: 8 }, () => createRoom(store)));
    const heads: number[] = [];
    for (const { room } of rooms) {
      await store.rooms.beginEpoch(room, 0, 0);
      heads.push((await store.rooms.beginEpoch(room, 40, 1_000_000)).head);
    }
    const rising = heads.toSorted((one, other) => one - other);
    for (const [at, head] of rising.slice(1).entries()) expect(head - (rising[at] ?? head)).toBeGreaterThan(900);
    expect(rising[0]).toBeGreaterThanOrEqual(1_000_040);
    expect(rising.at(-1)).toBeLessThan(1_025_000_040);
  });

  test("G6 of an epoch it is known whether it ever was, and where it ended", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    await store.rooms.beginEpoch(room, 0, 0);
    expect(await store.rooms.epochAround(room, 1)).toEqual({ isKnown: true, begin: 0, next: null });
    const { epoch, head } = await store.rooms.beginEpoch(room, 40, 1_000);
    expect(await store.rooms.epochAround(room, 1)).toEqual({ isKnown: true, begin: 0, next: { epoch, head } });
    expect(await store.rooms.epochAround(room, epoch)).toEqual({ isKnown: true, begin: head, next: null });
    expect(await store.rooms.epochAround(room, epoch + 1)).toEqual({ isKnown: false, begin: null, next: null });
    expect(await store.rooms.epochAround(room, Number.MAX_SAFE_INTEGER)).toEqual({
      isKnown: false,
      begin: null,
      next: null,
    });
  });

  test("G6 an epoch that was begun and never used ends no other: what was said on above its beginning tells", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const used = await store.rooms.beginEpoch(room, 0, 1_000);
    const { epoch: unused, head } = await store.rooms.beginEpoch(room, 0, 1_000);
    const at = (seq: number) => ({ ...message(room, owner, seq), epoch: used.epoch });
    await storeEvents(store, [at(head - 1), at(head)]);
    expect((await store.rooms.epochAround(room, used.epoch)).next).toEqual({ epoch: unused, head });
    await storeEvents(store, [at(head + 1), at(head + 2)]);
    expect((await store.rooms.epochAround(room, used.epoch)).next).toBeNull();
    const next = await store.rooms.beginEpoch(room, head + 2, 1_000);
    await storeEvents(store, [{ ...message(room, owner, next.head + 1), epoch: next.epoch }]);
    expect((await store.rooms.epochAround(room, used.epoch)).next).toEqual(next);
    expect((await store.rooms.epochAround(room, unused)).next).toEqual(next);
  });

  test("G6 the first epoch of a room with history starts above it", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    await storeEvents(store, [message(room, owner, 40)]);
    expect(await store.rooms.beginEpoch(room, 41, 1_000)).toEqual({ epoch: 1, head: 41 });
  });

  test("G6 nobody gets the same epoch twice, nor numbers that overlap", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const begun = await Promise.all(Array.from({ length: 20 }, () => store.rooms.beginEpoch(room, 3, 100)));
    const rising = begun.toSorted((a, b) => a.epoch - b.epoch);
    for (const [at, { head }] of rising.entries())
      expect(head).toBeGreaterThanOrEqual(at === 0 ? 3 : (rising[at - 1]?.head ?? 0) + 100);
    expect(new Set(rising.map(({ epoch }) => epoch)).size).toBe(rising.length);
  });
}
