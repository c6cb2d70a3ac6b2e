import type { PublicUser } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const PER_HOUR = 3;

async function login(store: Store, user: PublicUser, address = "192.0.2.17") {
  const session = { refreshHash: fresh("token"), expiresAt: inMs(HOUR_MS), max: 100, address };
  return (await store.sessions.create(user.id, session)).session;
}

const createGuest = (store: Store, creationKey?: string) =>
  store.users.create({ username: fresh("guest"), passwordHash: null, creationKey });

async function issue(store: Store, user: PublicUser, purpose: "confirm" | "reset", address: string, ttlMs = HOUR_MS) {
  const hash = fresh("hash");
  return (await store.mailCodes.issue({ hash, user: user.id, purpose, address, ttlMs }, PER_HOUR)) ? hash : null;
}

async function verify(store: Store, user: PublicUser, address: string) {
  return store.mailCodes.confirm((await issue(store, user, "confirm", address)) ?? "");
}

export function accountsContract(getStore: GetStore): void {
  test("a guest with a living session becomes an account once; racing calls are put in an order", async () => {
    const store = getStore();
    const key = fresh("key");
    const guest = await createGuest(store, key);
    const session = await login(store, guest);
    const names = Array.from({ length: 5 }, () => fresh("upgraded"));
    const outcomes = await Promise.all(
      names.map((username) => store.accounts.upgrade(guest.id, session, { username, passwordHash: "hash" })),
    );
    expect(outcomes.sort()).toEqual(["already", "already", "already", "already", "upgraded"]);
    const account = await store.users.find(guest.id);
    expect(names).toContain(account?.username);
    expect(account?.passwordHash).toBe("hash");
    expect(await store.users.looksTaken(account?.username ?? "")).toBe(true);
    expect(await store.users.findCreated(key)).toBeNull();
    expect(await store.sessions.isRevoked(session)).toBe(false);
  });

  test("no upgrade takes a name that looks like another, or works with a session that ended", async () => {
    const store = getStore();
    const taken = await createUser(store, fresh("looks-like"));
    const guest = await createGuest(store);
    const session = await login(store, guest);
    const upgrade = (username: string) => store.accounts.upgrade(guest.id, session, { username, passwordHash: "hash" });
    await expect(upgrade(taken.username.toUpperCase())).rejects.toMatchObject({ code: "username_taken" });
    await store.sessions.revoke(session);
    expect(await upgrade(fresh("late"))).toBe("ended");
    expect(await store.users.find(guest.id)).toEqual({ ...guest, passwordHash: null });
  });

  test("a changed password ends the other sessions in the same transaction, if it was the one that is known", async () => {
    const store = getStore();
    const user = await createUser(store);
    const [here, there] = [await login(store, user), await login(store, user)];
    const change = (known: string) =>
      store.accounts.changePassword(user.id, { known, passwordHash: "newer", except: here });
    expect(await change("wrong")).toBeNull();
    expect(await store.sessions.isRevoked(there)).toBe(false);
    expect(await change("hash")).toEqual([there]);
    expect(await store.sessions.revokedAmong([here, there])).toEqual([there]);
  });

  test("a profile is told to those who share a room", async () => {
    const store = getStore();
    const [one, other] = [await createUser(store), await createUser(store)];
    expect(await store.profiles.change(one.id, { displayName: "One", about: "text" })).toEqual({
      displayName: "One",
      about: "text",
    });
    expect(await store.profiles.change(one.id, { about: null, timeZone: "UTC" })).toEqual({
      displayName: "One",
      timeZone: "UTC",
    });
    expect(await store.profiles.change(one.id, {})).toEqual({ displayName: "One", timeZone: "UTC" });
    expect(await store.profiles.find(one.id, other.id)).toBeNull();
    const room = { name: fresh("room"), visibility: "private", topic: "", createdBy: one.id } as const;
    await store.members.add((await store.rooms.create(room)).id, other.id, "member");
    const told = { ...one, isGuest: false, displayName: "One", timeZone: "UTC" };
    expect(await store.profiles.find(one.id, other.id)).toEqual(told);
    expect(await store.profiles.find(other.id, one.id)).toEqual({ ...other, isGuest: false });
  });

  test("a verified address belongs to one account, in any case of letters", async () => {
    const store = getStore();
    const [one, other] = [await createUser(store), await createUser(store)];
    const address = `${fresh("A")}@example.org`;
    expect(await store.accounts.findByEmail(address)).toBeNull();
    expect(await verify(store, one, address)).toEqual({
      user: one.id,
      username: one.username,
      address,
      previous: null,
    });
    expect(await store.accounts.findByEmail(address.toLowerCase())).toMatchObject({ ...one, email: address });
    await expect(verify(store, other, address.toUpperCase())).rejects.toMatchObject({ code: "email_taken" });
    const second = `${fresh("b")}@example.org`;
    expect(await verify(store, one, second)).toMatchObject({ previous: address });
    expect(await verify(store, other, address)).toMatchObject({ user: other.id });
    expect(await store.accounts.removeEmail(one.id)).toBe(second);
    expect(await store.accounts.removeEmail(one.id)).toBeNull();
  });

  test("a code works once, for its purpose, until it expires", async () => {
    const store = getStore();
    const user = await createUser(store);
    const session = await login(store, user);
    const address = `${fresh("c")}@example.org`;
    const late = await issue(store, user, "reset", address, -1);
    const code = (await issue(store, user, "reset", address)) ?? "";
    for (const wrong of [late ?? "", fresh("wrong")]) {
      expect(await store.mailCodes.findReset(wrong)).toBeNull();
      expect(await store.mailCodes.reset(wrong, "newer")).toBeNull();
    }
    expect(await store.mailCodes.confirm(code)).toBeNull();
    expect(await store.mailCodes.findReset(code)).toEqual({ user: user.id, username: user.username });
    const racing = await Promise.all(["one", "two", "three"].map((hash) => store.mailCodes.reset(code, hash)));
    expect(racing.filter((done) => done !== null)).toEqual([
      { user: user.id, username: user.username, address, ended: [session] },
    ]);
    expect(await store.mailCodes.findReset(code)).toBeNull();
  });

  test("a change of the password or of the address makes all codes void", async () => {
    const store = getStore();
    const user = await createUser(store);
    const session = await login(store, user);
    const code = (await issue(store, user, "reset", "d@example.org")) ?? "";
    await store.accounts.changePassword(user.id, { known: "hash", passwordHash: "newer", except: session });
    expect(await store.mailCodes.reset(code, "stolen")).toBeNull();
    const other = (await issue(store, user, "confirm", "thief@example.org")) ?? "";
    await store.accounts.removeEmail(user.id);
    expect(await store.mailCodes.confirm(other)).toBeNull();
  });

  test("G8 codes of a user are bounded in an hour, racing calls included, and deleted when they expired", async () => {
    const store = getStore();
    const user = await createUser(store);
    const issued = await Promise.all(
      Array.from({ length: 8 }, () => issue(store, user, "reset", "e@example.org", -HOUR_MS)),
    );
    expect(issued.filter((hash) => hash !== null)).toHaveLength(PER_HOUR);
    expect(await store.mailCodes.deleteExpired(inMs(-HOUR_MS / 2), 1)).toBe(1);
    while ((await store.mailCodes.deleteExpired(inMs(-HOUR_MS / 2), 100)) > 0);
    expect(await issue(store, user, "reset", "e@example.org")).not.toBeNull();
  });

  test("addresses of old sessions are truncated: /24 of IPv4, /48 of IPv6, nothing of others", async () => {
    const store = getStore();
    const user = await createUser(store);
    const addresses = ["192.0.2.17", "2001:db8:9:1::/64", "::1"];
    for (const address of addresses) await login(store, user, address);
    const present = async () => (await store.sessions.list(user.id)).map(({ address }) => address).sort();
    const sweep = async (before: Date) => {
      while ((await store.sessions.truncateAddresses(before, 2)) > 0);
    };
    await sweep(inMs(-HOUR_MS));
    expect(await present()).toEqual([...addresses].sort());
    await sweep(inMs(HOUR_MS));
    expect(await present()).toEqual(["192.0.2.0/24", "2001:db8:9::/48", null]);
  });
}
