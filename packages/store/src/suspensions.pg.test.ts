import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createUser, fresh, HOUR_MS, inMs } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import type { Store } from "./store.ts";

let database: StoreDatabase;
let store: Store;
beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore({ poolMax: 10 });
  await store.migrate();
});
afterAll(() => database[Symbol.asyncDispose]());

const waiting =
  "select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

test("a personal token that was looked up before a suspension begins no session behind it", async () => {
  const user = await createUser(store);
  const token = { hash: "hash", name: "bot", scopes: ["read"], expiresAt: inMs(HOUR_MS) };
  await store.signin.tokens.create(user.id, token, 1);
  const [gate, observer] = [await database.connect(), await database.connect()];
  await gate.query("begin");
  await gate.query("update hubbub.access_tokens set name = name");
  const using = store.signin.tokens.use("hash");
  const refused = expect(using).rejects.toMatchObject({ code: "account_suspended" });
  await expect.poll(async () => (await observer.query(waiting)).rows[0].count, { timeout: 5_000 }).toBe(1);
  await store.admin.suspend(user.id, { reason: "spam", until: null }, { by: "operator" });
  await gate.query("commit");
  await refused;
});

test("a user who refreshes all sessions at once does not keep a suspension from ending them", async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await createUser(store);
    const tokens = Array.from({ length: 16 }, () => fresh("token"));
    for (const refreshHash of tokens)
      await store.sessions.create(user.id, { refreshHash, expiresAt: inMs(HOUR_MS), max: 100 });
    const rotate = (oldHash: string) => {
      const next = { newHash: fresh("token"), salt: "salt", graceMs: 1_000 };
      return store.sessions.rotate({ oldHash, ...next, expiryOf: () => inMs(HOUR_MS) });
    };
    const [some, others] = [tokens.slice(0, 8), tokens.slice(8)];
    const before = some.map(rotate);
    const suspending = store.admin.suspend(user.id, { reason: "spam", until: null }, { by: "operator" });
    await Promise.all([...before, suspending, ...others.map(rotate)]);
    expect(await suspending).toHaveLength(16);
    expect(await store.sessions.list(user.id)).toEqual([]);
  }
});
