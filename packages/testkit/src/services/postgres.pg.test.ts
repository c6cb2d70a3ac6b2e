import { expect, inject, test } from "vitest";
import { createTestDatabase, query } from "../database.ts";
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

test("a test database is empty, and gone when it is disposed", async () => {
  const server = inject("postgresUrl");
  const database = await createTestDatabase(server);
  const name = new URL(database.url).pathname.slice(1);
  expect(await query(database.url, "select current_database() as name")).toEqual([{ name }]);
  await database[Symbol.asyncDispose]();
  expect(await query(server, "select 1 from pg_database where datname = $1", [name])).toEqual([]);
});
