import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterEach, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { message, storeEvents } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { OlderNodesRun } from "./migrate.ts";
import { MIGRATION_LOCK, MIGRATIONS, schemaOfBuild } from "./migrations.ts";
import { roomNameKey } from "./room-name.ts";
import { SchemaMismatch } from "./store.ts";
import { isUnavailable } from "./unavailable.ts";

let database: StoreDatabase;
beforeEach(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
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

test("the migration keeps room names: names that look alike get keys of their own, rooms without an owner get one", async () => {
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

const OLD_ROOM = `insert into hubbub.rooms (id, name, visibility, topic, created_by)
  values (gen_random_uuid(), $1, 'public', '', null) on conflict do nothing returning id`;

test("the statement by which the build before made rooms works on the new schema, and names that look alike stay one", async () => {
  const store = database.openStore();
  await store.migrate();
  const client = await database.connect();
  const insert = async (name: string) => (await client.query(OLD_ROOM, [name])).rowCount;
  const names = ["Lob\u200bby", "caf\u00e9", "\u0421offee", "Tea\u3000 \u200b room", "\ufb01sh"];
  for (const name of names) expect([name, await insert(name)]).toEqual([name, 1]);
  expect(await insert(" lobby ")).toBe(0);
  const { rows } = await client.query<{ name: string; name_key: string }>("select name, name_key from hubbub.rooms");
  for (const { name, name_key } of rows) expect([name, name_key]).toEqual([name, roomNameKey(name)]);
});

/** The migrations of the build before the one with this tag. */
async function migrationsBefore(tag: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS.migrationsFolder, folder, { recursive: true });
  const journalFile = join(folder, "meta", "_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(journalFile, "utf8"));
  journal.entries = journal.entries.slice(
    0,
    journal.entries.findIndex((entry) => entry.tag === tag),
  );
  await writeFile(journalFile, JSON.stringify(journal));
  return folder;
}

test("what either build stores while both run, before and between them, is journaled for search", async () => {
  await database.openStore({ migrationsFolder: await migrationsBefore("0022_search_journal") }).migrate();
  const client = await database.connect();
  await client.query(`insert into hubbub.nodes values
    ('older-1', 'writer', '0.1.0', 1795746898388, clock_timestamp() + interval '1 hour')`);
  const room = newId<RoomId>();
  const storeAsBefore = (seq: number) =>
    client.query(
      `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
       values ($1, $2::bigint, 1, 1, 'message', $1, $2::text, 'text')`,
      [room, seq],
    );
  /** The statement by which builds before read the journal, brief. */
  const readAsBefore = async () =>
    (
      await client.query<{ seq: number }>(
        `select distinct e.seq::int from hubbub.search_journal j join hubbub.events e
         on e.room_id = j.room_id and e.seq between j.low and j.high order by seq`,
      )
    ).rows.map(({ seq }) => seq);
  const store = database.openStore();
  const read = async () => (await store.searchIndex.changed(100)).messages.map(({ seq }) => seq).sort();
  const by = { id: newId<UserId>(), username: "ann" };

  await storeAsBefore(1);
  await expect(store.migrate()).rejects.toMatchObject({ canStart: true });
  await storeAsBefore(2);
  await storeEvents(store, [message(room, by, 3)]);
  expect(await read()).toEqual([1, 2, 3]);
  expect(await readAsBefore()).toEqual([1, 2, 3]);

  expect(await store.threads.followed(by.id, { before: { at: 9, room, seq: 9 }, limit: 9 })).toEqual([]);
  await expect(store.threads.markRead(by.id, room, 3, 4)).rejects.toSatisfy(isUnavailable);
  const news = { state: "serving", connections: 1, moving: 0 } as const;
  await expect(store.nodes.look("older-1", "a", news)).rejects.toSatisfy(isUnavailable);
  await expect(store.nodes.drain("a", { by: "operator" })).rejects.toSatisfy(isUnavailable);
  await store.nodes.drop("older-1");
  await store.migrate();
  expect(await store.nodes.look("older-1", "a", news)).toEqual({ isDrained: false, moves: 0 });
  await store.threads.markRead(by.id, room, 3, 4);
  await storeEvents(store, [message(room, by, 4)]);
  expect(await read()).toEqual([1, 2, 3, 4]);
});

test("the floor of each contract is the version of a migration before it", () => {
  const floors = readMigrationFiles(MIGRATIONS).flatMap(({ sql, folderMillis }) =>
    [...sql.join("\n").matchAll(/"schema_floor" = (\d+)/g)].map(([, floor]) => ({
      floor: Number(floor),
      folderMillis,
    })),
  );
  expect(floors.length).toBeGreaterThan(0);
  for (const { floor, folderMillis } of floors) {
    const versions = readMigrationFiles(MIGRATIONS).map((file) => file.folderMillis);
    expect(versions.filter((version) => version < folderMillis)).toContain(floor);
  }
});

/** The migrations of this build and one more, which takes away what builds below `floor` use. */
async function withContract(floor: number): Promise<{ folder: string; version: number }> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS.migrationsFolder, folder, { recursive: true });
  const journalFile = join(folder, "meta", "_journal.json");
  const journal = JSON.parse(await readFile(journalFile, "utf8"));
  const version = journal.entries.at(-1).when + 2;
  const more = [
    { tag: "9998_expand", when: version - 1, text: `ALTER TABLE "hubbub"."rooms" ADD COLUMN "colour" text;` },
    {
      tag: "9999_contract",
      when: version,
      text: `ALTER TABLE "hubbub"."users" DROP COLUMN "email";--> statement-breakpoint
UPDATE "hubbub"."cluster" SET "schema_floor" = ${floor};`,
    },
  ];
  for (const { tag, when, text } of more) {
    journal.entries.push({ idx: journal.entries.length, version: "7", when, tag, breakpoints: true });
    await writeFile(join(folder, `${tag}.sql`), text);
  }
  await writeFile(journalFile, JSON.stringify(journal));
  return { folder, version };
}

test("the statement by which the build before made users works on the new schema", async () => {
  const store = database.openStore();
  await store.migrate();
  const client = await database.connect();
  const insert = `insert into hubbub.users (id, username, email, password_hash)
    values (gen_random_uuid(), $1, null, 'x') on conflict do nothing returning id`;
  const rowCounts = [];
  for (const name of ["ada", "Ada", "bob"]) rowCounts.push((await client.query(insert, [name])).rowCount);
  expect(rowCounts).toEqual([1, 0, 1]);
  expect(await store.users.findByUsername("bob")).toMatchObject({ username: "bob" });
});

test("a contract refuses with the names of older processes that run; what stands before it is applied", async () => {
  const { knows } = schemaOfBuild();
  const { folder, version } = await withContract(knows + 1);
  const store = database.openStore();
  await store.migrate();
  await store.nodes.renew({ name: "api-1", roles: "api", build: "0.1.0" });
  await store.nodes.renew({ name: "gone-1", roles: "writer", build: "0.1.0" });
  await store.nodes.drop("gone-1");
  const client = await database.connect();
  await client.query(`insert into hubbub.nodes values
    ('killed-1', 'gateway', '0.1.0', 1, clock_timestamp() - interval '1 second'),
    ('newer-1', 'gateway', '0.2.0', ${version}, clock_timestamp() + interval '1 hour')`);
  const later = database.openStore({ migrationsFolder: folder });
  const refused = await later.migrate().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OlderNodesRun);
  expect(refused).toMatchObject({ canStart: true, message: expect.stringContaining("api-1 (api, build 0.1.0). ") });
  const columns = async () =>
    (
      await client.query("select column_name as name from information_schema.columns where table_schema = 'hubbub'")
    ).rows
      .map(({ name }) => name)
      .filter((name) => name === "colour" || name === "email");
  expect(await columns()).toEqual(expect.arrayContaining(["colour", "email"]));
  await store.assertSchema();

  await store.nodes.drop("api-1");
  await later.migrate();
  expect(await columns()).toEqual(["colour"]);
  await expect(store.assertSchema()).rejects.toBeInstanceOf(SchemaMismatch);
  await later.migrate();
});

/** Other tests have databases on the same server. */
const WAITING_LOCKS = `
  select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`;

test("a process that announces itself while a contract is applied waits for its end, and then refuses to start", async () => {
  const { folder } = await withContract(schemaOfBuild().knows + 1);
  const store = database.openStore();
  await store.migrate();
  const client = await database.connect();
  await client.query("begin");
  await client.query("lock table hubbub.users in access share mode");
  const migrationPatience = { lockTimeoutMs: 60_000 };
  const migrated = database.openStore({ migrationsFolder: folder, migrationPatience }).migrate();
  const locks = (kind: string) => async () =>
    (await client.query(`${WAITING_LOCKS} and locktype = $1`, [kind])).rowCount;
  await expect.poll(locks("relation")).toBe(1);
  const announced = store.nodes.renew({ name: "late-1", roles: "api", build: "0.1.0" });
  await expect.poll(locks("advisory")).toBe(1);
  await client.query("commit");
  await Promise.all([migrated, announced]);
  await expect(store.assertSchema()).rejects.toBeInstanceOf(SchemaMismatch);
});
