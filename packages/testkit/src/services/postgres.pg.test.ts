import { execFile as callExecFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { createTestDatabase, query } from "../database.ts";
import { infraFile } from "../paths.ts";
import { postgresProgram, startPostgres } from "./postgres.ts";
import { provide } from "./provide.ts";

const execFile = promisify(callExecFile);

test("a restarted Postgres is at the same URL with the same data", async () => {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase("kept");
  await query(url, "create table things (id int)");
  // Its processes do not hang on, and so keep the data in use.
  await postgres.pause();
  await postgres.kill();
  await postgres.restart();
  expect(await query(url, "select count(*)::int as n from things")).toEqual([{ n: 0 }]);
  expect(await query(url, "show fsync")).toEqual([{ fsync: "on" }]);
  await postgres.stop();
});

test("the role of a database of its own is no superuser, and a new password replaces the old one", async () => {
  const postgres = await startPostgres({ durable: false });
  try {
    const first = await postgres.createOwnDatabase("own");
    await query(first, "create schema things");
    expect(
      await query(first, "select current_user as who, rolsuper from pg_roles where rolname = current_user"),
    ).toEqual([{ who: "own", rolsuper: false }]);
    const second = await postgres.createOwnDatabase("own");
    await query(second, "create table things.kept (id int)");
    await expect(query(first, "select 1")).rejects.toThrow("password authentication failed");
  } finally {
    await postgres.stop();
  }
});

test("neither the parameters of a statement nor the values of a key reach the log of Postgres", async () => {
  const postgres = await startPostgres({ durable: false });
  try {
    await query(postgres.url, "create table names (name text unique)");
    await query(postgres.url, "select pg_sleep(0.7), $1::text", ["secret-of-slow"]);
    await query(postgres.url, "insert into names values ($1)", ["secret-of-key"]);
    await expect(query(postgres.url, "insert into names values ($1)", ["secret-of-key"])).rejects.toThrow("duplicate");
    await expect(query(postgres.url, "select 1 / (length($1) - 12)", ["secret-of-er"])).rejects.toThrow("division");
    await expect.poll(() => postgres.output).toContain("division by zero");
    expect(postgres.output).toMatch(/duration: \d+/);
    expect(postgres.output).not.toContain("secret-of");
  } finally {
    await postgres.stop();
  }
});

/** Runs a script of infra/postgres/init as the image does. The test goes on as superuser, so that one keeps its password. */
async function runScript(url: string, script: string, env: object): Promise<void> {
  const directories = postgresProgram.directories;
  const client = await provide({ title: "psql", binaries: ["psql"], directories, aptPackage: "postgresql-client" });
  if (client.kind !== "binary") throw new Error("psql is no program of this machine");
  const text = await readFile(infraFile(`postgres/init/${script}`), "utf8");
  const psql = execFile(join(client.directory, "psql"), ["--no-psqlrc", "--set", "ON_ERROR_STOP=1", url], {
    env: { ...process.env, ...env },
  });
  psql.child.stdin?.end(text.replace("alter role postgres password null;", ""));
  await psql;
}

const PASSWORDS = { POSTGRES_PASSWORD: "secret", MIGRATE_PASSWORD: "secret", REPLICATION_PASSWORD: "secret" };

test("the roles of the compose file open the database of Hubbub and no other, and that of backups only by a password of its own", async () => {
  const postgres = await startPostgres({ durable: false });
  const as = (role: string, database: string) =>
    query(`postgres://${role}:secret@${new URL(postgres.url).host}/${database}`, "select 1 as one");
  try {
    await runScript(postgres.url, "01-roles.sql", PASSWORDS);
    for (const role of ["hubbub_app", "hubbub_migrate"]) {
      expect(await as(role, "hubbub")).toEqual([{ one: 1 }]);
      for (const other of ["postgres", "template1"]) await expect(as(role, other)).rejects.toThrow("permission denied");
    }
    await expect(as("hubbub_backup", "hubbub")).rejects.toThrow("permission denied");
    await query(postgres.url, "drop database hubbub");
    await query(postgres.url, "drop role hubbub_app, hubbub_backup, hubbub_migrate, hubbub_readonly");
    await runScript(postgres.url, "01-roles.sql", { ...PASSWORDS, REPLICATION_PASSWORD: "" });
    const mayLogIn = "select rolname from pg_roles where rolname like 'hubbub%' and rolcanlogin order by rolname";
    expect(await query(postgres.url, mayLogIn)).toEqual([{ rolname: "hubbub_app" }, { rolname: "hubbub_migrate" }]);
  } finally {
    await postgres.stop();
  }
});

test("a test database is empty, and gone when it is disposed", async () => {
  const server = inject("postgresUrl");
  const database = await createTestDatabase(server);
  const name = new URL(database.url).pathname.slice(1);
  expect(await query(database.url, "select current_database() as name")).toEqual([{ name }]);
  await database[Symbol.asyncDispose]();
  expect(await query(server, "select 1 from pg_database where datname = $1", [name])).toEqual([]);
});
