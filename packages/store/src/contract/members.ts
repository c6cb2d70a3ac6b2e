import { newId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, createUser, type GetStore } from "./fixtures.ts";

export function membersContract(getStore: GetStore): void {
  test("joining and leaving tell whether they changed anything", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const user = await createUser(store);
    expect(await store.members.add(room, user.id, "member")).toBe(true);
    expect(await store.members.add(room, user.id, "owner")).toBe(false);
    expect(await store.members.roles([{ room, user: user.id }])).toEqual(["member"]);
    expect(await store.members.remove(room, user.id)).toBe(true);
    expect(await store.members.remove(room, user.id)).toBe(false);
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
