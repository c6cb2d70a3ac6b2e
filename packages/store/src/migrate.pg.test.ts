import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./contract/test-database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { MIGRATION_LOCK } from "./postgres.ts";
import { SchemaMismatch } from "./store.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
});
afterEach(() => database[Symbol.asyncDispose]());

test("five processes may migrate at once: one does, all go on", async () => {
  const stores = Array.from({ length: 5 }, () => database.openStore());
  await Promise.all(stores.map((store) => store.migrate()));
  await Promise.all(stores.map((store) => store.assertSchema()));
  const client = await database.connect();
  const { rows } = await client.query("select count(*)::int as applied from hubbub.schema_version");
  expect(rows).toEqual([{ applied: readMigrationFiles(MIGRATIONS).length }]);
});

test("a migration waits for its turn, and longer than a statement may take", async () => {
  const other = await database.connect();
  await other.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  const store = database.openStore({ statementTimeoutMs: 1 });
  let isDone = false;
  const migrated = store.migrate().then(() => {
    isDone = true;
  });
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
  await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1);
  expect(isDone).toBe(false);
  await other.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
  await migrated;
});

test("any schema between what a build needs and what a contract left is taken, others are refused with what to run", async () => {
  const store = database.openStore();
  const refusal = () =>
    store.assertSchema().then(
      () => "none",
      (error: unknown) => error,
    );
  expect(await refusal()).toBeInstanceOf(SchemaMismatch);
  await store.migrate();
  expect(await refusal()).toBe("none");
  const client = await database.connect();
  const newest = "where id = (select max(id) from hubbub.schema_version)";
  // A later build has expanded the schema: this one may be restarted until the contract.
  await client.query(`update hubbub.schema_version set created_at = created_at + 1 ${newest}`);
  expect(await refusal()).toBe("none");
  await client.query("update hubbub.cluster set schema_floor = (select max(created_at) from hubbub.schema_version)");
  expect(await refusal()).toBeInstanceOf(SchemaMismatch);
  await client.query(`delete from hubbub.schema_version where id > 1`);
  expect(String(await refusal())).toContain("node packages/server/dist/main.js migrate");
  await client.query("truncate hubbub.schema_version");
  expect(await refusal()).toBeInstanceOf(SchemaMismatch);
});
