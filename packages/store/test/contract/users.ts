import { newId, ProtocolError, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

export function usersContract(getStore: GetStore): void {
  test("a username is taken whatever its case", async () => {
    const store = getStore();
    const name = fresh("Ann");
    const ann = await createUser(store, name);
    await expect(createUser(store, name.toUpperCase())).rejects.toMatchObject({ code: "username_taken" });
    expect(await store.users.findByUsername(name.toLowerCase())).toEqual({ ...ann, passwordHash: "hash" });
    expect(await store.users.findByUsername(fresh("nobody"))).toBeNull();
  });

  test("a name that looks like a taken one is taken", async () => {
    const store = getStore();
    const name = fresh("lil");
    await createUser(store, name);
    expect(await store.users.looksTaken(`${name.replace("lil", "1I1")}.`)).toBe(true);
    await expect(createUser(store, `${name.replace("lil", "1I1")}.`)).rejects.toMatchObject({ code: "username_taken" });
    expect(await store.users.looksTaken(fresh("lil"))).toBe(false);
  });

  test("a creation is found by its key, and the key creates once", async () => {
    const { users } = getStore();
    const creationKey = fresh("key");
    const made = await users.create({ username: fresh("made"), passwordHash: null, creationKey });
    expect(await users.findCreated(creationKey)).toMatchObject(made);
    await expect(users.create({ username: fresh("made"), passwordHash: null, creationKey })).rejects.toThrow();
    expect(await users.findCreated(fresh("key"))).toBeNull();
  });

  test("G8 guests without a session are deleted page by page; a member takes over their rooms", async () => {
    const store = getStore();
    const account = await createUser(store);
    const guest = () => store.users.create({ username: fresh("visitor"), passwordHash: null });
    const [idle, present, heir] = [await guest(), await guest(), await guest()];
    for (const { id } of [present, heir]) {
      await store.sessions.create(id, { refreshHash: fresh("token"), expiresAt: inMs(HOUR_MS), max: 1 });
    }
    const room = await store.rooms.create({
      name: fresh("room"),
      visibility: "public",
      topic: "",
      createdBy: idle.id,
    });
    await store.members.add(room.id, heir.id, "member");
    const before = await store.users.countGuests();
    const sweep = async (createdBefore: Date) => {
      let deleted = 0;
      let after: UserId | undefined;
      do {
        const page = await store.users.deleteIdleGuests({ after, limit: 2, createdBefore });
        deleted += page.deleted;
        after = page.next;
      } while (after !== undefined);
      return deleted;
    };
    expect(await sweep(inMs(-HOUR_MS))).toBe(0);
    expect(await sweep(inMs(HOUR_MS))).toBeGreaterThan(0);
    expect(await store.users.countGuests()).toBeLessThan(before);
    expect(await store.users.find(idle.id)).toBeNull();
    for (const user of [account, present, heir]) expect(await store.users.find(user.id)).toMatchObject(user);
    expect(await store.members.roles([{ room: room.id, user: heir.id }])).toEqual(["owner"]);
    const again = await store.users.create({ username: idle.username, passwordHash: null });
    expect(again.username).toBe(idle.username);
  });

  test("one of many racing sign-ups gets the name", async () => {
    const store = getStore();
    const name = fresh("racer");
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => createUser(store, name)));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(9);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(ProtocolError);
  });

  test("a guest has no password hash, and a hash can be replaced", async () => {
    const { users } = getStore();
    const username = fresh("guest");
    const guest = await users.create({ username, email: "guest@example.org", passwordHash: null });
    expect(await users.findByUsername(username)).toEqual({ ...guest, passwordHash: null });
    expect(await users.updatePasswordHash(guest.id, "never", "another")).toBe(false);
    expect(await users.updatePasswordHash(guest.id, "newer")).toBe(true);
    expect(await users.findByUsername(username)).toEqual({ ...guest, passwordHash: "newer" });
  });

  test("an error of the driver travels as it is, without the values of the statement", async () => {
    const store = getStore();
    const room = { name: "secret name", visibility: "private", topic: "", createdBy: newId<UserId>() } as const;
    const error: unknown = await store.rooms.create(room).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "23503" });
    expect(String(error)).not.toContain("secret name");
  });
}
