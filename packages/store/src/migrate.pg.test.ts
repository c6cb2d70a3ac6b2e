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

test("rooms of before keep their names: those that look alike get keys of their own, the ownerless an owner", async () => {
  const client = await database.connect();
  const [first] = readMigrationFiles(MIGRATIONS);
  for (const statement of first?.sql ?? []) await client.query(statement);
  await client.query(
    "create table hubbub.schema_version (id serial primary key, hash text not null, created_at bigint)",
  );
  await client.query("insert into hubbub.schema_version (hash, created_at) values ($1, $2)", [
    first?.hash,
    first?.folderMillis,
  ]);
  await client.query(
    `insert into hubbub.users (id, username, password_hash) values (gen_random_uuid(), 'ada', 'x'), (gen_random_uuid(), 'bob', 'x')`,
  );
  await client.query(
    `insert into hubbub.rooms (id, name, visibility, topic, created_at)
     select gen_random_uuid(), name, 'public', '', to_timestamp(n)
     from unnest($1::text[]) with ordinality as given (name, n)`,
    [["Lobby", "lob\u200bby", "caf\u00e9", "cafe\u0301"]],
  );
  await client.query(
    `insert into hubbub.members (room_id, user_id, role, joined_at)
     select r.id, u.id, 'member', case u.username when 'bob' then to_timestamp(1) else now() end
     from hubbub.rooms r, hubbub.users u where r.name = 'Lobby'`,
  );
  const store = database.openStore();
  await store.migrate();
  const { rows } = await client.query<{ id: string; name_key: string }>(
    "select id, name_key from hubbub.rooms order by created_at",
  );
  const keys = rows.map(({ id, name_key }) => name_key.replace(id, "ID"));
  expect(keys).toEqual(["lobby", "lobby ID", "caf\u00e9", "caf\u00e9 ID"]);
  const owners = await client.query(
    "select u.username from hubbub.members m join hubbub.users u on u.id = m.user_id where m.role = 'owner'",
  );
  expect(owners.rows).toEqual([{ username: "bob" }]);
});
