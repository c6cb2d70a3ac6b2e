import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createUser, HOUR_MS, inMs } from "../test/contract/fixtures.ts";
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
