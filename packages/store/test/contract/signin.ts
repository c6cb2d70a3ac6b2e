import type { UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const PASSKEY = { name: "phone", publicKey: "key", counter: 0, transports: ["usb"], isSecondFactor: false };

function begin(
  store: Store,
  given: { hash: string; user?: UserId; address?: string; endsInMs?: number; total?: number },
) {
  const { hash, user = null, address = "192.0.2.1", endsInMs = HOUR_MS, total = 1_000 } = given;
  const step = { hash, kind: "login", address, user, data: '{"a":1}', expiresAt: inMs(endsInMs), max: 2, total };
  return store.signin.steps.begin(step);
}

export function signinContract(getStore: GetStore): void {
  test("of racing calls one takes a step, and none takes an expired one or one of another kind", async () => {
    const { steps } = getStore().signin;
    const [hash, expired] = [fresh("hash"), fresh("hash")];
    await begin(getStore(), { hash, address: fresh("address") });
    await begin(getStore(), { hash: expired, endsInMs: -1, address: fresh("address") });
    expect(await steps.take(hash, "other")).toBeNull();
    const taken = await Promise.all(Array.from({ length: 5 }, () => steps.take(hash, "login")));
    expect(taken.filter((step) => step !== null)).toEqual([{ kind: "login", user: null, data: '{"a":1}' }]);
    expect(await steps.take(expired, "login")).toBeNull();
  });

  test("G8 steps are bounded by address, in all, by user, and in attempts", async () => {
    const store = getStore();
    const address = fresh("address");
    const state = () => begin(store, { hash: fresh("hash"), address });
    expect([await state(), await state(), await state()]).toEqual(["begun", "begun", "address_full"]);
    expect(await begin(store, { hash: fresh("hash"), address: fresh("address"), total: 2 })).toBe("full");
    const { id: user } = await createUser(store);
    const hashes = [fresh("hash"), fresh("hash"), fresh("hash")];
    for (const [at, hash] of hashes.entries()) await begin(store, { hash, user, endsInMs: HOUR_MS + at });
    const attempt = (hash = "") => store.signin.steps.attempt(hash, "login", 2);
    expect(await attempt(hashes[0])).toBeNull();
    expect([await attempt(hashes[1]), await attempt(hashes[1])]).toEqual(
      Array(2).fill(expect.objectContaining({ user })),
    );
    expect(await attempt(hashes[1])).toBeNull();
  });

  test("a time step is used once, also by racing calls, and never with a replaced secret", async () => {
    const { factors } = getStore().signin;
    const { id: user } = await createUser(getStore());
    expect(await factors.begin(user, "first")).toBe(true);
    expect(await factors.begin(user, "second")).toBe(true);
    expect(await factors.useStep(user, "first", 7)).toBe(false);
    const used = await Promise.all([7, 7, 7].map((step) => factors.useStep(user, "second", step)));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await factors.useStep(user, "second", 6)).toBe(false);
    expect(await factors.of(user)).toEqual({ totp: false, passkey: false, recoveryCodes: 0 });
    expect([await factors.confirm(user), await factors.confirm(user)]).toEqual([true, false]);
    expect(await factors.begin(user, "third")).toBe(false);
    expect(await factors.of(user)).toMatchObject({ totp: true });
    expect([await factors.remove(user), await factors.remove(user)]).toEqual([true, false]);
    const key = { ...PASSKEY, id: fresh("passkey"), isSecondFactor: true };
    await getStore().signin.passkeys.add(user, key, 5);
    await factors.replaceRecoveryCodes(user, ["a"]);
    expect([await factors.reset(user), await factors.reset(user)]).toEqual([true, false]);
    expect(await factors.of(user)).toEqual({ totp: false, passkey: false, recoveryCodes: 0 });
  });

  test("a recovery code is used once, and a replacement voids all others", async () => {
    const { factors } = getStore().signin;
    const { id: user } = await createUser(getStore());
    await Promise.all([factors.replaceRecoveryCodes(user, ["a", "b"]), factors.replaceRecoveryCodes(user, ["c", "d"])]);
    expect(await factors.of(user)).toMatchObject({ recoveryCodes: 2 });
    await factors.replaceRecoveryCodes(user, ["e", "f"]);
    const used = await Promise.all(["e", "e", "a", "c"].map((hash) => factors.useRecoveryCode(user, hash)));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await factors.of(user)).toMatchObject({ recoveryCodes: 1 });
  });

  test("G8 passkeys are bounded, belong to one user, and their counters only rise", async () => {
    const { passkeys } = getStore().signin;
    const user = await createUser(getStore());
    const other = await createUser(getStore());
    const id = fresh("passkey");
    expect(await passkeys.add(user.id, { ...PASSKEY, id }, 2)).toBe("added");
    expect(await passkeys.add(other.id, { ...PASSKEY, id }, 2)).toBe("exists");
    const more = [1, 2, 3].map(() => passkeys.add(user.id, { ...PASSKEY, id: fresh("passkey") }, 2));
    expect((await Promise.all(more)).sort()).toEqual(["added", "full", "full"]);
    expect(await passkeys.find(id)).toMatchObject({ user, transports: ["usb"], usedAt: null });
    const counters = [0, 0, 3, 3, 2, 0, 4];
    const used: boolean[] = [];
    for (const counter of counters) used.push(await passkeys.use(id, counter));
    expect(used).toEqual([true, true, true, false, false, false, true]);
    expect([await passkeys.remove(other.id, id), await passkeys.remove(user.id, id)]).toEqual([false, true]);
  });

  test("a token begins one session, however many use it at once, and another one when that was ended", async () => {
    const store = getStore();
    const { tokens } = store.signin;
    const user = await createUser(store);
    const hash = fresh("hash");
    const made = await tokens.create(user.id, { hash, name: "bot", scopes: ["read"], expiresAt: inMs(HOUR_MS) }, 1);
    expect(
      await tokens.create(user.id, { hash: "x", name: "bot", scopes: [], expiresAt: inMs(HOUR_MS) }, 1),
    ).toBeNull();
    const used = await Promise.all(Array.from({ length: 5 }, () => tokens.use(hash)));
    const sessions = [...new Set(used.map((use) => use?.session))];
    expect(sessions).toHaveLength(1);
    expect(used[0]).toMatchObject({ user, scopes: ["read"] });
    const noted = (await tokens.list(user.id))[0]?.usedAt;
    expect(noted).toBeInstanceOf(Date);
    await tokens.use(hash);
    expect((await tokens.list(user.id))[0]?.usedAt).toEqual(noted);
    expect(await store.sessions.list(user.id)).toEqual([]);
    const limited = { refreshHash: fresh("token"), expiresAt: inMs(HOUR_MS), max: 1 };
    expect((await store.sessions.create(user.id, limited)).ended).toEqual([]);
    expect(await store.sessions.revokeAll(user.id)).toHaveLength(2);
    const next = (await tokens.use(hash))?.session;
    expect(sessions).not.toContain(next);
    expect(await tokens.revoke((await createUser(store)).id, made?.id ?? "")).toBeNull();
    expect(await tokens.revoke(user.id, made?.id ?? "")).toEqual([next]);
    expect(await store.sessions.isRevoked(next ?? ("" as never))).toBe(true);
    expect(await tokens.use(hash)).toBeNull();
    for (const other of [fresh("hash"), fresh("hash")]) {
      await tokens.create(user.id, { hash: other, name: "bot", scopes: ["read"], expiresAt: inMs(HOUR_MS) }, 5);
      await tokens.use(other);
    }
    expect(await tokens.revokeAll(user.id)).toEqual({ tokens: 2, sessions: [expect.any(String), expect.any(String)] });
    expect(await tokens.revokeAll(user.id)).toEqual({ tokens: 0, sessions: [] });
  });

  test("an identity signs in one user, and what ended is deleted in batches", async () => {
    const store = getStore();
    const { identities, tokens } = store.signin;
    const [one, two] = [await createUser(store), await createUser(store)];
    const subject = fresh("subject");
    expect(await identities.use("issuer", subject)).toBeNull();
    const linked = await Promise.all([one, two].map(({ id }) => identities.link(id, { issuer: "issuer", subject }, 5)));
    expect(linked.sort()).toEqual(["linked", "taken"]);
    const owner = await identities.use("issuer", subject);
    expect(await identities.link(owner?.id ?? one.id, { issuer: "issuer", subject: fresh("subject") }, 1)).toBe("full");
    const [identity] = await identities.list(owner?.id ?? one.id);
    expect(await identities.remove(owner?.id ?? one.id, identity?.id ?? "")).toBe(true);
    const hash = fresh("hash");
    await tokens.create(one.id, { hash, name: "old", scopes: [], expiresAt: inMs(-2 * HOUR_MS) }, 5);
    expect(await tokens.use(hash)).toBeNull();
    expect(await store.signin.deleteEnded(inMs(-HOUR_MS), 100)).toBe(1);
    expect(await store.signin.deleteEnded(inMs(-HOUR_MS), 100)).toBe(0);
  });
}
