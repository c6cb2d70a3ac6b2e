import { newId, ProtocolError, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createUser, fresh, type GetStore } from "./fixtures.ts";

export function usersContract(getStore: GetStore): void {
  test("a username is taken whatever its case", async () => {
    const store = getStore();
    const name = fresh("Ann");
    const ann = await createUser(store, name);
    await expect(createUser(store, name.toUpperCase())).rejects.toMatchObject({ code: "username_taken" });
    expect(await store.users.findByUsername(name.toLowerCase())).toEqual({ ...ann, passwordHash: "hash" });
    expect(await store.users.findByUsername(fresh("nobody"))).toBeNull();
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
    await users.updatePasswordHash(guest.id, "newer");
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
