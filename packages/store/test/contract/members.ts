import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, createUser, type GetStore } from "./fixtures.ts";

const BY = { by: "operator" } as const;

export function membersContract(getStore: GetStore): void {
  test("join and leave return whether they changed anything", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const user = await createUser(store);
    expect(await store.members.add(room, user.id, "member")).toBe(true);
    expect(await store.members.add(room, user.id, "owner")).toBe(false);
    expect(await store.members.roles([{ room, user: user.id }])).toEqual(["member"]);
    expect(await store.members.leave(room, user.id)).toBe("left");
    expect(await store.members.leave(room, user.id)).toBe("absent");
  });

  test("a room with members keeps an owner, also when two owners leave at once; the last member closes it", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [second, third] = [await createUser(store), await createUser(store)];
    for (const user of [second, third]) await store.members.add(room, user.id, "member");
    expect(await store.members.leave(room, owner.id, { mayClose: true })).toBe("last_owner");
    expect(await store.members.setRole(room, owner.id, "member", BY)).toBe("last_owner");
    expect(await store.members.setRole(room, second.id, "owner", BY)).toBe("set");
    expect(await store.members.setRole(room, newId<UserId>(), "owner", BY)).toBe("absent");
    const both = [store.members.leave(room, owner.id), store.members.leave(room, second.id)];
    expect((await Promise.all(both)).toSorted()).toEqual(["last_owner", "left"]);
    const [first, last] = await store.members.roles([owner, second].map((user) => ({ room, user: user.id })));
    const remaining = first === "owner" ? owner : second;
    expect([first, last].filter((role) => role === "owner")).toHaveLength(1);
    await store.members.leave(room, third.id);
    expect(await store.members.leave(room, remaining.id)).toBe("alone");
    expect(await store.members.leave(room, remaining.id, { mayClose: true })).toBe("left");
    expect(await store.rooms.find(room)).toBeNull();
    await expect(store.members.add(room, third.id, "member", "asked")).rejects.toMatchObject({ code: "unknown_room" });
  });

  test("others cannot add a user who left, and a removed user cannot join again", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const user = await createUser(store);
    await store.members.add(room, user.id, "member");
    await store.members.leave(room, user.id);
    expect(await store.members.hasLeft(room, user.id)).toBe(true);
    await expect(store.members.add(room, user.id, "member")).rejects.toMatchObject({ code: "has_left" });
    expect(await store.members.add(room, user.id, "member", "asked")).toBe(true);
    expect(await store.members.remove(room, user.id, BY)).toBe("left");
    expect(await store.members.hasLeft(room, user.id)).toBe(false);
    await expect(store.members.add(room, user.id, "member", "asked")).rejects.toMatchObject({ code: "forbidden" });
    expect(await store.members.add(room, user.id, "member")).toBe(true);
  });

  test("roles answers in the order of the pairs, also of none", async () => {
    const store = getStore();
    const [first, second] = [await createRoom(store), await createRoom(store)];
    const pairs = [
      { room: second.room, user: first.owner.id },
      { room: first.room, user: first.owner.id },
      { room: first.room, user: newId<UserId>() },
      { room: second.room, user: second.owner.id },
      { room: first.room, user: first.owner.id },
    ];
    expect(await store.members.roles(pairs)).toEqual([null, "owner", null, "owner", "owner"]);
    expect(await store.members.roles([])).toEqual([]);
  });

  test("a room exceeds a number of members, or does not", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    await store.members.add(room, (await createUser(store)).id, "member");
    const asked = [0, 1, 2, 3, 10_000_000].map((count) => store.members.exceed(room, count));
    expect(await Promise.all(asked)).toEqual([true, true, false, false, false]);
    expect(await store.members.exceed(newId<RoomId>(), 0)).toBe(false);
  });

  test("members are listed once each, page by page", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const people = [owner];
    for (let count = 0; count < 4; count++) people.push(await createUser(store));
    for (const user of people.slice(1)) await store.members.add(room, user.id, "member");
    const first = await store.members.list(room, { limit: 3 });
    const rest = await store.members.list(room, { cursor: first.cursor, limit: 2 });
    expect([...first.members, ...rest.members]).toEqual(
      people.map((user, index) => ({ user, role: index === 0 ? "owner" : "member" })),
    );
    expect(rest.cursor).toBeUndefined();
    await expect(store.members.list(room, { cursor: "1", limit: 1 })).rejects.toMatchObject({ code: "bad_request" });
  });
}
