import { readFile } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { createTestDatabase, query } from "../database.ts";
import { infraFile } from "../paths.ts";
import { startPostgres } from "./postgres.ts";

test("a restarted Postgres is at the same URL with the same data", async () => {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase("kept");
  await query(url, "create table things (id int)");
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

/** A script of infra/postgres/init as statements, without what only psql understands. */
async function statementsOf(script: string): Promise<string[]> {
  const text = await readFile(infraFile(`postgres/init/${script}`), "utf8");
  const sql = text.replace(/^(--|\\).*$/gm, "").replace(/:'\w+'/g, "'secret'");
  return sql.split(";").filter((statement) => statement.trim() !== "");
}

test("the roles of the compose file open the database of Hubbub and no other", async () => {
  const postgres = await startPostgres({ durable: false });
  const as = (role: string, database: string) =>
    query(`postgres://${role}:secret@${new URL(postgres.url).host}/${database}`, "select 1 as one");
  try {
    for (const statement of await statementsOf("01-roles.sql")) await query(postgres.url, statement);
    for (const role of ["hubbub_app", "hubbub_migrate"]) {
      expect(await as(role, "hubbub")).toEqual([{ one: 1 }]);
      for (const other of ["postgres", "template1"]) await expect(as(role, other)).rejects.toThrow("permission denied");
    }
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
