import type { PublicUser } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const GRACE_MS = 10_000;
const MAX = 100;

const create = async (store: Store, user: PublicUser, refreshHash: string, expiresAt = inMs(HOUR_MS), max = MAX) =>
  await store.sessions.create(user.id, { refreshHash, expiresAt, max, address: "192.0.2.1" });

async function login(store: Store) {
  const user = await createUser(store);
  const token = fresh("token");
  const { session } = await create(store, user, token);
  return { user, token, session };
}

const rotate = (store: Store, oldHash: string, newHash: string, graceMs = GRACE_MS) =>
  store.sessions.rotate({ oldHash, newHash, salt: `salt of ${newHash}`, graceMs, expiryOf: () => inMs(HOUR_MS) });

export function sessionsContract(getStore: GetStore): void {
  test("of racing rotations one wins, and the others are told what makes the same token", async () => {
    const store = getStore();
    const { user, token, session } = await login(store);
    const next = Array.from({ length: 8 }, () => fresh("token"));
    const rotations = await Promise.all(next.map((hash) => rotate(store, token, hash)));
    expect(rotations.map((rotation) => rotation.state).sort()).toEqual([...Array(7).fill("grace"), "rotated"]);
    const winner = next[rotations.findIndex(({ state }) => state === "rotated")] ?? "";
    for (const rotation of rotations) expect(rotation).toMatchObject({ session, user, salt: `salt of ${winner}` });
    for (const hash of next.filter((other) => other !== winner)) {
      expect(await rotate(store, hash, fresh("token"))).toEqual({ state: "unknown" });
    }
    expect(await rotate(store, winner, fresh("token"))).toMatchObject({ state: "rotated", session, user });
  });

  test("a token used in its grace, when the next one was used already, ends the whole session", async () => {
    const store = getStore();
    const { user, token, session } = await login(store);
    const [next, last] = [fresh("token"), fresh("token")];
    await rotate(store, token, next);
    await rotate(store, next, last);
    expect(await rotate(store, token, fresh("token"))).toEqual({ state: "reused", session, user });
    expect(await rotate(store, last, fresh("token"))).toEqual({ state: "unknown" });
    expect(await store.sessions.isRevoked(session)).toBe(true);
  });

  test("no session begins with a password that was changed since it was checked", async () => {
    const store = getStore();
    const user = await createUser(store);
    const begin = (passwordHash: string) =>
      store.sessions.create(user.id, { refreshHash: fresh("token"), expiresAt: inMs(HOUR_MS), max: MAX, passwordHash });
    await store.users.updatePasswordHash(user.id, "first");
    await begin("first");
    await store.users.updatePasswordHash(user.id, "second");
    await expect(begin("first")).rejects.toMatchObject({ code: "bad_credentials" });
    await begin("second");
    expect(await store.sessions.list(user.id)).toHaveLength(2);
  });

  test("G8 of the tokens that a session used the newest are kept", async () => {
    const store = getStore();
    const { token, session } = await login(store);
    const chain = [token];
    for (let step = 0; step < 120; step += 1) {
      chain.push(fresh("token"));
      expect(await rotate(store, chain.at(-2) ?? "", chain.at(-1) ?? "")).toMatchObject({ state: "rotated" });
    }
    expect(await rotate(store, token, fresh("token"))).toEqual({ state: "unknown" });
    expect(await store.sessions.isRevoked(session)).toBe(false);
    expect(await rotate(store, chain.at(-50) ?? "", fresh("token"))).toMatchObject({ state: "reused" });
  });

  test("G8 a login beyond the bound ends the session that was used longest ago", async () => {
    const store = getStore();
    const user = await createUser(store);
    const logins: Awaited<ReturnType<typeof create>>[] = [];
    for (let at = 0; at < 4; at += 1) logins.push(await create(store, user, fresh("token"), inMs(HOUR_MS), 3));
    expect(logins.map(({ ended }) => ended)).toEqual([[], [], [], [logins[0]?.session]]);
    expect((await store.sessions.list(user.id)).map(({ id }) => id)).toEqual(
      [3, 2, 1].map((at) => logins[at]?.session),
    );
    const racing = await Promise.all(
      Array.from({ length: 5 }, () => create(store, user, fresh("token"), inMs(HOUR_MS), 3)),
    );
    expect(racing.flatMap(({ ended }) => ended)).toHaveLength(5);
    expect(await store.sessions.list(user.id)).toHaveLength(3);
  });

  test("somebody ends own sessions, all but one or one by one, and nobody else's", async () => {
    const store = getStore();
    const [one, two] = [await login(store), await login(store)];
    const { session } = await create(store, one.user, fresh("token"));
    expect(await store.sessions.revokeOwn(two.user.id, one.session)).toBe(false);
    expect(await store.sessions.revokeAll(one.user.id, { except: session })).toEqual([one.session]);
    expect(await store.sessions.revokeOwn(one.user.id, session)).toBe(true);
    expect(await store.sessions.revokeOwn(one.user.id, session)).toBe(false);
    expect(await store.sessions.list(one.user.id)).toEqual([]);
    expect(await store.sessions.isRevoked(two.session)).toBe(false);
  });

  test("a revocation is untold until it was told", async () => {
    const store = getStore();
    const { session } = await login(store);
    const since = inMs(-HOUR_MS);
    await store.sessions.revoke(session);
    expect(await store.sessions.untold(since, 1_000)).toContain(session);
    expect(await store.sessions.untold(inMs(HOUR_MS), 1_000)).not.toContain(session);
    await store.sessions.setTold([session]);
    expect(await store.sessions.untold(since, 1_000)).not.toContain(session);
    await store.sessions.setUntold(since);
    expect(await store.sessions.untold(since, 1_000)).toContain(session);
  });

  test("an address is known while a living session was used from it", async () => {
    const store = getStore();
    const { user, session } = await login(store);
    expect(await store.sessions.isKnownAddress(user.id, "192.0.2.1")).toBe(true);
    expect(await store.sessions.isKnownAddress(user.id, "192.0.2.2")).toBe(false);
    await store.sessions.revoke(session);
    expect(await store.sessions.isKnownAddress(user.id, "192.0.2.1")).toBe(false);
  });

  test("G8 ended sessions are deleted in batches, with their tokens, and living ones stay", async () => {
    const store = getStore();
    const user = await createUser(store);
    const expired = [fresh("token"), fresh("token"), fresh("token")];
    for (const token of expired) await create(store, user, token, inMs(-HOUR_MS));
    const living = await login(store);
    expect(await store.sessions.deleteEnded(inMs(-HOUR_MS / 2), 2)).toBe(2);
    await store.sessions.deleteEnded(inMs(-HOUR_MS / 2), 100);
    expect(await store.sessions.deleteEnded(inMs(-HOUR_MS / 2), 100)).toBe(0);
    expect(await rotate(store, living.token, fresh("token"))).toMatchObject({ state: "rotated" });
  });

  test("a token used after the grace ends the whole session", async () => {
    const store = getStore();
    const { user, token, session } = await login(store);
    const next = fresh("token");
    await rotate(store, token, next);
    expect(await rotate(store, token, fresh("token"), 0)).toEqual({ state: "reused", session, user });
    expect(await rotate(store, next, fresh("token"))).toEqual({ state: "unknown" });
    expect(await store.sessions.revoke(session)).toBe(false);
  });

  test("a revoked session takes no token, also not in grace", async () => {
    const store = getStore();
    const { token, session } = await login(store);
    const next = fresh("token");
    await rotate(store, token, next);
    expect(await store.sessions.isRevoked(session)).toBe(false);
    expect(await store.sessions.revoke(session)).toBe(true);
    expect(await store.sessions.isRevoked(session)).toBe(true);
    expect(await store.sessions.revoke(session)).toBe(false);
    expect(await rotate(store, token, fresh("token"))).toEqual({ state: "unknown" });
    expect(await rotate(store, next, fresh("token"))).toEqual({ state: "unknown" });
  });

  test("an expired token is as unknown as one that never was", async () => {
    const store = getStore();
    const user = await createUser(store);
    const token = fresh("token");
    await create(store, user, token, inMs(-1_000));
    expect(await rotate(store, token, fresh("token"))).toEqual({ state: "unknown" });
    expect(await rotate(store, fresh("token"), fresh("token"))).toEqual({ state: "unknown" });
  });

  test("a session outlives its first token, and another login does not end it", async () => {
    const store = getStore();
    const user = await createUser(store);
    const [token, next] = [fresh("token"), fresh("token")];
    await create(store, user, token);
    await rotate(store, token, next);
    await create(store, user, fresh("token"));
    expect(await rotate(store, next, fresh("token"))).toMatchObject({ state: "rotated" });
  });
}
