import { newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createUser } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { AMONG } from "./statuses.ts";
import type { Store } from "./store.ts";
import { STATES } from "./unread.ts";

/** TEST_LARGE=1 asks for the real size, and prints the times. */
const isLarge = process.env["TEST_LARGE"] === "1";
const USERS = isLarge ? 10_000 : 200;
const ROOMS = isLarge ? 2_000 : 500;
const ROOMS_OF_USER = isLarge ? 200 : 50;
const EVENTS_OF_ROOM = isLarge ? 500 : 100;
const FILL_TIMEOUT_MS = isLarge ? 600_000 : 60_000;

let database: StoreDatabase;
let store: Store;
let client: pg.Client;
let users: string[];
let one: PublicUser;

beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore();
  await store.migrate();
  client = await database.connect();
  one = await createUser(store);
  await client.query(
    `insert into hubbub.users (id, username) select gen_random_uuid(), 'user' || n from generate_series(1, $1::int) n`,
    [USERS],
  );
  await client.query(
    `insert into hubbub.rooms (id, name, name_key, visibility, topic)
     select gen_random_uuid(), 'room ' || n, 'room ' || n, 'private', '' from generate_series(1, $1::int) n`,
    [ROOMS],
  );
  await client.query(
    `insert into hubbub.members (room_id, user_id, role, last_read_seq)
     select r.id, u.id, 'member', $3::int - 5
     from (select id, row_number() over () as at from hubbub.users where username like 'user%' and id <> $4) u
     cross join generate_series(0, $2::int - 1) step
     join (select id, row_number() over () - 1 as at from hubbub.rooms) r on r.at = (u.at * 7 + step) % $1::int
     on conflict do nothing`,
    [ROOMS, ROOMS_OF_USER, EVENTS_OF_ROOM, one.id],
  );
  await client.query(
    "insert into hubbub.members (room_id, user_id, role) select id, $1, 'member' from hubbub.rooms limit 500",
    [one.id],
  );
  await client.query(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
     select r.id, n, 1, 1700000000000 + n, 'message', $1, 'e' || n, 'text of the message number ' || n
     from hubbub.rooms r cross join generate_series(1, $2::int) n`,
    [newId(), EVENTS_OF_ROOM],
  );
  await client.query(
    `insert into hubbub.mentions (room_id, seq, user_id, by_id)
     select m.room_id, $1::int, m.user_id, gen_random_uuid() from hubbub.members m limit 2000`,
    [EVENTS_OF_ROOM],
  );
  // With few rooms, reading all of them would be right.
  await client.query(
    `insert into hubbub.rooms (id, name, name_key, visibility, topic)
     select gen_random_uuid(), 'other ' || n, 'other ' || n, 'private', '' from generate_series(1, 50000) n`,
  );
  for (const table of ["users", "rooms", "members", "events", "mentions"])
    await client.query(`vacuum analyze hubbub.${table}`);
  users = (
    await client.query("select id from hubbub.users where username like 'user%' and id <> $1", [one.id])
  ).rows.map(({ id }) => id);
}, FILL_TIMEOUT_MS);
afterAll(() => database[Symbol.asyncDispose](), FILL_TIMEOUT_MS);

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

function scannedWhole(plan: Plan): string[] {
  const own = plan["Node Type"] === "Seq Scan" ? [plan["Relation Name"] ?? "?"] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scannedWhole)];
}

/** `generic`: the plan that a prepared statement keeps. */
async function explain(mode: "custom" | "generic", types: string, text: string, values: string): Promise<Plan> {
  await client.query(`set plan_cache_mode = force_${mode}_plan`);
  await client.query(`prepare asked (${types}) as ${text}`);
  const { rows } = await client.query(`explain (analyze, format json) execute asked (${values})`);
  await client.query("deallocate asked");
  return rows[0]["QUERY PLAN"][0].Plan;
}

const arrayOf = (ids: readonly string[]) => `array[${ids.map((id) => `'${id}'`).join(",")}]::uuid[]`;
const FIRST = "00000000-0000-0000-0000-000000000000";

for (const mode of ["custom", "generic"] as const) {
  test(`the states of one user and of many read no table from one end to the other (${mode} plan)`, async () => {
    for (const asked of [[one.id], users.slice(0, 20)]) {
      const values = [
        arrayOf(asked),
        `array[${asked.map(() => "null").join(",")}]::bigint[]`,
        arrayOf(asked.map(() => FIRST)),
        "500",
      ];
      const plan = await explain(mode, "uuid[], bigint[], uuid[], int", STATES.text, values.join(", "));
      expect(scannedWhole(plan)).toEqual([]);
    }
  });

  test(`the presence of 200 users reads no table from one end to the other (${mode} plan)`, async () => {
    const plan = await explain(mode, "uuid, uuid[]", AMONG.text, `'${one.id}', ${arrayOf(users.slice(0, 200))}`);
    // Both are empty here.
    expect(scannedWhole(plan).filter((table) => table !== "user_status" && table !== "sessions")).toEqual([]);
  });
}

test("500 rooms of one user come in one statement", async () => {
  const begun = performance.now();
  const [state] = await store.unread.states([{ user: one.id, since: undefined, after: undefined }], 500);
  expect(state?.rooms).toHaveLength(500);
  expect(state?.rooms.every(({ unread, last }) => unread === 100 && last !== undefined)).toBe(true);
  if (isLarge) process.stdout.write(`500 rooms, each 100 unread: ${Math.round(performance.now() - begun)} ms\n`);
});

test(
  "users come back in statements of 100, and each gets all rooms",
  async () => {
    const rooms = new Set<RoomId>();
    const begun = performance.now();
    let statements = 0;
    for (let at = 0; at < users.length; at += 100) {
      const asked = users
        .slice(at, at + 100)
        .map((user) => ({ user: user as never, since: undefined, after: undefined }));
      statements += 1;
      for (const state of await store.unread.states(asked, 500)) {
        expect(state.rooms.length).toBe(state.joined);
        if (at === 0) for (const { room } of state.rooms) rooms.add(room);
      }
    }
    expect(statements).toBe(Math.ceil(users.length / 100));
    if (isLarge) {
      const ms = (performance.now() - begun) / statements;
      process.stdout.write(`100 users with ${ROOMS_OF_USER} rooms each: ${Math.round(ms)} ms a statement\n`);
    }
  },
  FILL_TIMEOUT_MS,
);
