import type { SessionId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const GRACE_MS = 10_000;

async function login(store: Store) {
  const user = await createUser(store);
  const token = fresh("token");
  const session: SessionId = await store.sessions.create(user.id, token, inMs(HOUR_MS));
  return { user, token, session };
}

const rotate = (store: Store, token: string, next: string, graceMs = GRACE_MS) =>
  store.sessions.rotate(token, next, inMs(HOUR_MS), graceMs);

export function sessionsContract(getStore: GetStore): void {
  test("of racing rotations one wins, the others are in grace, and every new token works", async () => {
    const store = getStore();
    const { user, token, session } = await login(store);
    const next = Array.from({ length: 8 }, () => fresh("token"));
    const rotations = await Promise.all(next.map((hash) => rotate(store, token, hash)));
    expect(rotations.map((rotation) => rotation.state).sort()).toEqual([...Array(7).fill("grace"), "rotated"]);
    for (const rotation of rotations) expect(rotation).toMatchObject({ session, user });
    for (const hash of next) {
      expect(await rotate(store, hash, fresh("token"))).toEqual({ state: "rotated", session, user });
    }
  });

  test("a token used after the grace ends the whole session", async () => {
    const store = getStore();
    const { token, session } = await login(store);
    const next = fresh("token");
    await rotate(store, token, next);
    expect(await rotate(store, token, fresh("token"), 0)).toEqual({ state: "reused", session });
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
    await store.sessions.create(user.id, token, inMs(-1_000));
    expect(await rotate(store, token, fresh("token"))).toEqual({ state: "unknown" });
    expect(await rotate(store, fresh("token"), fresh("token"))).toEqual({ state: "unknown" });
  });

  test("a session outlives its first token, and another login does not end it", async () => {
    const store = getStore();
    const user = await createUser(store);
    const [token, next] = [fresh("token"), fresh("token")];
    await store.sessions.create(user.id, token, inMs(HOUR_MS));
    await rotate(store, token, next);
    await store.sessions.create(user.id, fresh("token"), inMs(HOUR_MS));
    expect(await rotate(store, next, fresh("token"))).toMatchObject({ state: "rotated" });
  });
}
