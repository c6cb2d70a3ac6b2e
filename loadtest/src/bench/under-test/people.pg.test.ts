import { createTestDatabase, type TestDatabase } from "@hubbub/testkit";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runHubbubCommand } from "../../hubbub-process.ts";
import { People } from "./people.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  await runHubbubCommand(["migrate"], { DATABASE_URL: database.url });
});
afterAll(() => database[Symbol.asyncDispose]());

test("users, rooms and memberships made in bulk fit the tables of the present version, and its journal of search can be off", async () => {
  const keys = {
    sign: () => Promise.resolve("token"),
    verify: () => Promise.resolve(null),
    publicKeys: [],
    secrets: () => [],
  };
  await using people = await People.open(database.url, keys);
  const [first, second, third] = await people.create(3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three were asked for");
  const rooms = await people.createRooms([[first, second], [third]]);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query("select room_id, count(*)::int from hubbub.members group by room_id");
  const isIndexed: boolean[] = [];
  for (const isOn of [false, true, false, true]) {
    await people.setJournal(isOn);
    await client.query("insert into hubbub.search_journal (rooms, lows, highs, events) values ('{}', '{}', '{}', 1)");
    isIndexed.push(await people.isIndexed());
    await client.query("delete from hubbub.search_journal");
  }
  expect(isIndexed).toEqual([true, false, true, false]);
  await client.end();
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(
    expect.arrayContaining([
      { room_id: rooms[0], count: 2 },
      { room_id: rooms[1], count: 1 },
    ]),
  );
});
