import { newId, type UserId } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { ROOM_PAGE, SEARCHED_AT_ONCE } from "./room-list.ts";
import type { Store } from "./store.ts";

const ROOMS = 50_000;
const FILL_TIMEOUT_MS = 120_000;

let database: StoreDatabase;
let store: Store;
const reader = newId<UserId>();
beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore();
  await store.migrate();
  const client = await database.connect();
  await client.query(
    `insert into hubbub.rooms (id, name, name_key, visibility, topic)
     select gen_random_uuid(), 'room ' || n, 'room ' || n, 'public', '' from generate_series(1, $1::int) n`,
    [ROOMS],
  );
  await client.query("vacuum analyze hubbub.rooms");
}, FILL_TIMEOUT_MS);
afterAll(() => database[Symbol.asyncDispose](), FILL_TIMEOUT_MS);

interface Plan {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows of `rooms` that the plan read. */
function read(plan: Plan): number {
  const perLoop = plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0);
  const own = plan["Relation Name"] === "rooms" ? perLoop * plan["Actual Loops"] : 0;
  return (plan.Plans ?? []).reduce((sum, child) => sum + read(child), own);
}

test.each([
  ["a page", 51, ""],
  ["a page of a search", SEARCHED_AT_ONCE, "no such name"],
])("G8 %s reads a bounded part of the rooms, however many there are", async (_what, window, needle) => {
  const client = await database.connect();
  const first = "00000000-0000-0000-0000-000000000000";
  for (const mode of ["custom", "generic"]) {
    await client.query(`set plan_cache_mode = force_${mode}_plan`);
    await client.query(`prepare page (uuid, text, uuid, text, int, text, text, int) as ${ROOM_PAGE.text}`);
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      `explain (analyze, format json)
       execute page ('${reader}', 'room 2', '${first}', 'z', ${window}, '${needle}', 'private', 51)`,
    );
    await client.query("deallocate page");
    const plan = rows[0]?.["QUERY PLAN"][0].Plan;
    expect(plan === undefined ? -1 : read(plan)).toBeLessThanOrEqual(window + 1);
    expect(plan === undefined ? -1 : read(plan)).toBeGreaterThan(0);
  }
});

test("a search is not limited to the first pages: its cursor leads to a room behind all others", async () => {
  const owner = await store.users.create({ username: "searcher", passwordHash: null });
  await store.rooms.create({ name: "zebra crossing", visibility: "public", topic: "", createdBy: owner.id });
  let cursor: string | undefined;
  const found: string[] = [];
  do {
    const page = await store.rooms.list(reader, { query: "bra cross", cursor, limit: 50 });
    found.push(...page.rooms.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(found).toEqual(["zebra crossing"]);
});
