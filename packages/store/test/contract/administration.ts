import type { PublicUser } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createRoom, createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const OPERATOR = { by: "operator" } as const;
const MAX = 100;
const SPAM = { reason: "spam", until: null };
const suspended = { code: "account_suspended" };

const login = (store: Store, user: PublicUser) =>
  store.sessions.create(user.id, { refreshHash: fresh("token"), expiresAt: inMs(HOUR_MS), max: MAX });

async function personalToken(store: Store, user: PublicUser): Promise<string> {
  const token = { hash: fresh("hash"), name: "bot", scopes: ["read"], expiresAt: inMs(HOUR_MS) };
  await store.signin.tokens.create(user.id, token, MAX);
  return token.hash;
}

export function administrationContract(getStore: GetStore): void {
  test("of logins that race with a suspension none has a living session behind it", async () => {
    const store = getStore();
    for (let round = 0; round < 5; round += 1) {
      const user = await createUser(store);
      const hash = await personalToken(store, user);
      const before = Array.from({ length: 4 }, () => login(store, user));
      const suspending = store.admin.suspend(user.id, SPAM, OPERATOR);
      const after = [...Array.from({ length: 4 }, () => login(store, user)), store.signin.tokens.use(hash)];
      const outcomes = await Promise.allSettled([...before, suspending, ...after]);
      const begun = outcomes.flatMap((one) =>
        one.status === "fulfilled" && "session" in (one.value ?? {}) ? [one.value] : [],
      );
      const sessions = begun.map((one) => (one as Awaited<ReturnType<typeof login>>).session);
      expect(await store.sessions.list(user.id)).toEqual([]);
      expect(new Set(await store.sessions.revokedAmong(sessions))).toEqual(new Set(sessions));
      expect(new Set(await suspending)).toEqual(new Set(sessions));
      for (const one of outcomes) if (one.status === "rejected") expect(one.reason).toMatchObject(suspended);
    }
  });

  test("a suspension refuses logins and personal tokens until its end, and a later one replaces it", async () => {
    const store = getStore();
    const user = await createUser(store);
    const hash = await personalToken(store, user);
    const until = inMs(HOUR_MS);
    await store.admin.suspend(user.id, { reason: "spam", until }, OPERATOR);
    expect(await store.admin.suspensionOf(user.id)).toEqual({ reason: "spam", at: expect.any(Date), until });
    await expect(login(store, user)).rejects.toMatchObject({ ...suspended, message: expect.stringContaining("spam") });
    await expect(store.signin.tokens.use(hash)).rejects.toMatchObject(suspended);
    await store.admin.suspend(user.id, { reason: "over", until: inMs(-1) }, OPERATOR);
    expect(await store.admin.suspensionOf(user.id)).toBeNull();
    expect(await store.admin.unsuspend(user.id, OPERATOR)).toBe(false);
    await login(store, user);
    expect(await store.signin.tokens.use(hash)).toMatchObject({ user });
    await store.admin.suspend(user.id, SPAM, OPERATOR);
    expect([await store.admin.unsuspend(user.id, OPERATOR), await store.admin.unsuspend(user.id, OPERATOR)]).toEqual([
      true,
      false,
    ]);
    await login(store, user);
  });

  test("whoever spares people with a server role does not suspend them, nor lets them in again", async () => {
    const store = getStore();
    const user = await createUser(store);
    expect(await store.admin.setRole(user.id, "support", OPERATOR)).toBe(true);
    expect(await store.admin.setRole(user.id, "support", OPERATOR)).toBe(false);
    const forbidden = { code: "forbidden" };
    await expect(store.admin.suspend(user.id, { ...SPAM, spares: true }, OPERATOR)).rejects.toMatchObject(forbidden);
    await store.admin.suspend(user.id, SPAM, OPERATOR);
    await expect(store.admin.unsuspend(user.id, OPERATOR, { spares: true })).rejects.toMatchObject(forbidden);
    expect(await store.admin.setRole(user.id, null, OPERATOR)).toBe(true);
    expect(await store.admin.roleOf(user.id)).toBeNull();
    expect(await store.admin.unsuspend(user.id, OPERATOR, { spares: true })).toBe(true);
    const { entries } = await store.audit.list({ subject: user.id }, { limit: 10 });
    const acts = ["account_unsuspend", "server_role_set", "account_suspend", "server_role_set"];
    // Entries of one millisecond have no order.
    expect(entries.map(({ act }) => act).sort()).toEqual(acts.sort());
    const taken = { actor: "operator", act: "server_role_set", details: { role: null, before: "support" } };
    expect(entries).toContainEqual(expect.objectContaining(taken));
  });

  test("a guest has no server role, and an erased account loses role and suspension", async () => {
    const store = getStore();
    const guest = await store.users.create({ username: fresh("guest-x"), passwordHash: null });
    await expect(store.admin.setRole(guest.id, "admin", OPERATOR)).rejects.toMatchObject({ code: "forbidden" });
    const user = await createUser(store);
    await store.admin.setRole(user.id, "admin", OPERATOR);
    await store.admin.suspend(user.id, SPAM, OPERATOR);
    await store.erasures.request(user.id);
    expect(await store.admin.user(user.id)).toMatchObject({ role: null, suspension: null });
  });

  test("users and rooms are listed a page at a time, by a part of the name, whatever stands between two finds", async () => {
    const store = getStore();
    const mark = fresh("needle");
    const [one, , two] = [
      await createUser(store, `${mark}-a`),
      await createUser(store),
      await createUser(store, `${mark}-b`),
    ];
    const first = await store.admin.users({ search: mark.toUpperCase(), limit: 1 });
    expect(first.users.map(({ user }) => user)).toEqual([one]);
    const { users, cursor } = await store.admin.users({ search: mark, limit: 1, cursor: first.cursor });
    expect([users.map(({ user }) => user), cursor]).toEqual([[two], undefined]);
    await store.admin.suspend(two.id, SPAM, OPERATOR);
    const found = await store.admin.users({ suspended: true, search: mark, limit: 10 });
    expect(found.users).toMatchObject([{ user: two, isGuest: false, suspension: { reason: "spam", until: null } }]);
    const { room, owner } = await createRoom(store);
    await store.rooms.close(room, OPERATOR);
    const { rooms } = await store.admin.roomsOf(owner.id, { limit: 10 });
    expect(rooms).toMatchObject([{ id: room, role: "owner", members: 1, closedAt: expect.any(Date) }]);
    expect((await store.admin.rooms({ search: rooms[0]?.name ?? "", limit: 10 })).rooms.map(({ id }) => id)).toContain(
      room,
    );
    expect(await store.admin.roomsNamed(rooms[0]?.name ?? "", 5)).toMatchObject([{ id: room }]);
    expect(await store.admin.room(room)).toMatchObject({ id: room, visibility: "public" });
  });
}
