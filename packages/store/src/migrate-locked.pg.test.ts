import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { MigrationHeld } from "./migrate-locked.ts";
import { MIGRATIONS } from "./migrations.ts";

let database: StoreDatabase;
beforeEach(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
});
afterEach(() => database[Symbol.asyncDispose]());

/** The migrations of this build and one more. */
async function withColumn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS.migrationsFolder, folder, { recursive: true });
  const journalFile = join(folder, "meta", "_journal.json");
  const journal = JSON.parse(await readFile(journalFile, "utf8"));
  const when = journal.entries.at(-1).when + 1;
  journal.entries.push({ idx: journal.entries.length, version: "7", when, tag: "9999_colour", breakpoints: true });
  await writeFile(journalFile, JSON.stringify(journal));
  await writeFile(join(folder, "9999_colour.sql"), `ALTER TABLE "hubbub"."users" ADD COLUMN "colour" text;`);
  return folder;
}

/** A session that has read users and has not ended its transaction; the answer ends it. */
async function holdUsers(): Promise<() => Promise<unknown>> {
  const holder = await database.connect();
  await holder.query("set application_name = 'report of sales'");
  await holder.query("begin");
  await holder.query("select count(*) from hubbub.users");
  return () => holder.query("commit");
}

const columns = "select from information_schema.columns where table_schema = 'hubbub' and column_name = 'colour'";

test("a migration that waits for a lock lets others through, names who holds it, and goes on when it is free", async () => {
  await database.openStore().migrate();
  const end = await holdUsers();
  const held: string[] = [];
  const onHeld = (sentence: string) => void held.push(sentence);
  const migrationPatience = { lockTimeoutMs: 500, tries: 1_000, pauseMs: 20, onHeld };
  const migrated = database.openStore({ migrationsFolder: await withColumn(), migrationPatience }).migrate();
  const other = await database.connect();
  const waiting =
    "select 1 from pg_locks where locktype = 'relation' and not granted and database = (select oid from pg_database where datname = current_database())";
  await expect.poll(async () => (await other.query(waiting)).rowCount, { timeout: 20_000 }).toBe(1);
  // Queued behind the migration, it is read although the lock stays held.
  await other.query("select count(*) from hubbub.users");
  await expect.poll(() => held.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(held[0]).toContain("waited 500 ms for a lock, try 1 of 1000; it is held by process ");
  expect(held[0]).toMatch(
    /report of sales; idle in transaction, in a transaction of \d+ s: select count\(\*\) from hubbub\.users\)/,
  );
  await end();
  await migrated;
  expect((await other.query(columns)).rowCount).toBe(1);
});

test("G8 a migration gives up after its tries, leaves nothing behind, and succeeds when it runs again", async () => {
  await database.openStore().migrate();
  const end = await holdUsers();
  const migrationsFolder = await withColumn();
  const migrationPatience = { lockTimeoutMs: 400, tries: 2, pauseMs: 10 };
  const error = await database
    .openStore({ migrationsFolder, migrationPatience })
    .migrate()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationHeld);
  expect(String(error)).toContain("try 2 of 2; it is held by process ");
  expect(String(error)).toContain("end them with pg_terminate_backend, then run migrate again");
  const other = await database.connect();
  expect((await other.query(columns)).rowCount).toBe(0);
  await end();
  await database.openStore({ migrationsFolder }).migrate();
  expect((await other.query(columns)).rowCount).toBe(1);
});
