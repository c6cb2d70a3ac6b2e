import { newId } from "@hubbub/protocol";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createUser } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import type { Store } from "./store.ts";

let database: StoreDatabase;
let store: Store;
let client: pg.Client;

beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore();
  await store.migrate();
  client = await database.connect();
});
afterAll(() => database[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;
const count = async (): Promise<number> =>
  (await client.query("select count(*)::int as n from hubbub.audit")).rows[0].n;
const old = (days: number) =>
  client.query(
    `insert into hubbub.audit (id, at, actor, act) select
       rpad(encode(substring(int8send((extract(epoch from at) * 1000)::bigint) from 3), 'hex') || '7', 32, '0')::uuid, at, 'operator', 'role_set'
     from (select clock_timestamp() - $1 * interval '1 day' as at) as long_ago`,
    [days],
  );

test("nobody changes, deletes or truncates entries by hand", async () => {
  const user = await createUser(store);
  await store.audit.write({ by: user.id, act: "member_ban", note: "spam", address: "192.0.2.1" });
  await old(400);
  const before = await count();
  for (const statement of [
    "update hubbub.audit set act = 'other'",
    "update hubbub.audit set note = null, address = null",
    "delete from hubbub.audit",
    "delete from hubbub.audit where at < now() - interval '1 year'",
    "truncate hubbub.audit",
    // The way of the erasure, with more than it may change.
    "begin; set local hubbub.audit_path = 'forget'; update hubbub.audit set actor = 'operator', note = null; commit",
    "begin; set local hubbub.audit_path = 'expire'; delete from hubbub.audit; commit",
  ]) {
    await expect(client.query(statement)).rejects.toThrow(/append-only/);
    await client.query("rollback");
  }
  expect(await count()).toBe(before);
});

test("what is older than the retention goes in batches, the oldest first", async () => {
  const young = await count();
  for (const days of [500, 900, 700]) await old(days);
  const before = new Date(Date.now() - 600 * DAY_MS);
  expect(await store.audit.expire(before, 1)).toBe(1);
  const { rows } = await client.query("select at from hubbub.audit where at < now() - interval '650 days'");
  expect(rows).toHaveLength(1);
  expect(await store.audit.expire(before, 100)).toBe(1);
  expect(await store.audit.expire(before, 100)).toBe(0);
  expect(await count()).toBe(young + 1);
});

test("the retention reads the primary key, not the table", async () => {
  await client.query(
    "insert into hubbub.audit (actor, act) select 'operator', 'role_set' from generate_series(1, 20000)",
  );
  await client.query("analyze hubbub.audit");
  const rowsRead = async () => {
    const { rows } = await client.query(
      "select idx_tup_fetch + seq_tup_read as n from pg_stat_xact_user_tables where relid = 'hubbub.audit'::regclass",
    );
    return Number(rows[0].n);
  };
  await client.query("begin");
  const from = await rowsRead();
  await client.query("select hubbub.audit_expire(now() - interval '3000 days', 100)");
  const read = (await rowsRead()) - from;
  await client.query("rollback");
  expect(read).toBeLessThan(100);
});

test("a role that default privileges let write may add and read entries, expire and forget; a reading role may only read", async () => {
  await using fresh = await createStoreDatabase(inject("postgresUrl"));
  const owner = await fresh.connect();
  const [writer, reader] = ["writer", "reader"].map((name) => `audit_${name}_${newId().replaceAll("-", "")}`);
  await owner.query(`create role ${writer}; create role ${reader}; create schema hubbub`);
  await owner.query(`grant usage on schema hubbub to ${writer}, ${reader}`);
  await owner.query(
    `alter default privileges in schema hubbub grant select, insert, update, delete on tables to ${writer};
     alter default privileges in schema hubbub grant select on tables to ${reader}`,
  );
  await fresh.openStore().migrate();
  const as = async (role: string | undefined, statement: string) => {
    await owner.query(`set role ${role}`);
    return await owner.query(statement).finally(() => owner.query("reset role"));
  };
  const expire = "select hubbub.audit_expire(now() - interval '600 days', 100) as gone";
  const forget = `select hubbub.audit_forget('${newId()}', 100) as gone`;
  const refused = ["update hubbub.audit set act = 'x'", "delete from hubbub.audit", "truncate hubbub.audit"];
  try {
    await as(writer, "insert into hubbub.audit (actor, act) values ('operator', 'role_set')");
    for (const statement of refused) await expect(as(writer, statement)).rejects.toThrow(/permission denied/);
    for (const call of [expire, forget]) expect((await as(writer, call)).rows).toEqual([{ gone: 0 }]);
    for (const statement of [expire, forget, "insert into hubbub.audit (actor, act) values ('x', 'x')", ...refused])
      await expect(as(reader, statement)).rejects.toThrow(/permission denied/);
    expect((await as(reader, "select act from hubbub.audit")).rows).toEqual([{ act: "role_set" }]);
  } finally {
    await owner.query(`drop owned by ${writer}, ${reader}; drop role ${writer}, ${reader}`);
  }
});
