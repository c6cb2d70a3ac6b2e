import { newId, type RoomId } from "@hubbub/protocol";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { explain, PLAN_MODES, type Plan, rowsOf } from "../test/plan.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { STATES } from "./message-states.ts";

/** Messages of the room; every one is edited, has five reactions and replies. */
const MESSAGES = 20_000;
const REACTIONS = 5;
const OTHER_ROOMS = 400;
const PAGE = 50;

let database: StoreDatabase;
let client: pg.Client;
const room = newId<RoomId>();

beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  await database.openStore().migrate();
  client = await database.connect();
  await client.query(
    "create temporary table filled as select $1::uuid as id, $2::int as size union all select gen_random_uuid(), 250 from generate_series(1, $3::int)",
    [room, MESSAGES, OTHER_ROOMS],
  );
  await client.query(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
     select id, n, 1, 1700000000000 + n, 'message', $1, 'e' || n, 'text ' || n from filled, generate_series(1, size) n`,
    [newId()],
  );
  await client.query(
    `insert into hubbub.message_state (room_id, seq, text, edited_seq, edited_at, edits, reply_count, last_reply_seq)
     select id, n, 'text edited ' || n, n + 1, 1700000000000 + n, 1, 2, n + 9 from filled, generate_series(1, size) n`,
  );
  await client.query(
    `insert into hubbub.reactions (room_id, seq, emoji, user_id, added_seq)
     select id, n, 'emoji' || r % 2, gen_random_uuid(), n + r
     from filled, generate_series(1, size) n, generate_series(1, $1::int) r`,
    [REACTIONS],
  );
  for (const table of ["events", "message_state", "reactions"]) await client.query(`vacuum analyze hubbub.${table}`);
});
afterAll(() => database[Symbol.asyncDispose]());

interface Scan {
  readonly table: string;
  readonly how: string;
  readonly rows: number;
}

/** How each table was read, and how many rows of it. */
function scansOf(plan: Plan): Scan[] {
  const { "Relation Name": table, "Node Type": how } = plan;
  const own = table === undefined ? [] : [{ table: table.replace(/_p\d+$/, ""), how, rows: rowsOf(plan) }];
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)];
}

for (const mode of PLAN_MODES) {
  test(`the states of a page are found by index, and only their rows are read (${mode} plan)`, async () => {
    const seqs = Array.from({ length: PAGE }, (_none, at) => MESSAGES / 2 + at);
    const scans = scansOf(await explain(client, STATES.text, [room, seqs], mode));
    expect(scans.filter(({ how }) => !/^(Index|Bitmap Heap)/.test(how))).toEqual([]);
    const read = (table: string) =>
      scans.filter((scan) => scan.table === table).reduce((sum, scan) => sum + scan.rows, 0);
    expect([read("message_state"), read("reactions"), read("events")]).toEqual([PAGE, PAGE * REACTIONS, 1]);
  });
}
