import { newId, type RoomId } from "@hubbub/protocol";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createRoom } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { PAGE_AFTER, PAGE_BEFORE } from "./events.ts";
import type { Store } from "./store.ts";

const SMALL = 10_000;
/** TEST_LARGE=1 asks for the real size; it takes half a minute and 2 GB. */
const isLarge = process.env["TEST_LARGE"] === "1";
const LARGE = isLarge ? 10_000_000 : 200_000;
const FILL_TIMEOUT_MS = isLarge ? 1_800_000 : 60_000;
const LIMIT = 50;

let database: StoreDatabase;
let store: Store;
let client: pg.Client;
let small: RoomId;
let large: RoomId;

beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore();
  await store.migrate();
  client = await database.connect();
  await client.query(
    "insert into hubbub.users (id, username) select gen_random_uuid(), 'user' || n from generate_series(1, 1000) n",
  );
  small = await fill(SMALL);
  large = await fill(LARGE);
}, FILL_TIMEOUT_MS);
afterAll(() => database[Symbol.asyncDispose](), FILL_TIMEOUT_MS);

/** A room of this many messages, in a partition of its own, among others. */
async function fill(count: number): Promise<RoomId> {
  const { owner } = await createRoom(store);
  const room = newId<RoomId>();
  await client.query(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
     select $1, n, 1, 1700000000000 + n, 'message', $2, 'e' || n, 'text of the message number ' || n
     from generate_series(1, $3::int) n`,
    [room, owner.id, count],
  );
  await client.query("vacuum analyze hubbub.events");
  return room;
}

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Parent Relationship"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly Plans?: readonly Plan[];
}

interface Explained {
  readonly plan: Plan;
  readonly ms: number;
}

/** The plan as one line; `events_p7` and `events_p12` are the same to it. */
function shape(plan: Plan): string {
  const relation = plan["Relation Name"]?.replace(/_p\d+$/, "");
  const inner = (plan.Plans ?? []).map(shape).join(", ");
  return `${plan["Node Type"]}${relation ? ` ${relation}` : ""}${inner ? ` (${inner})` : ""}`;
}

function touchedRows(plan: Plan): number {
  const own = plan["Relation Name"]?.startsWith("events")
    ? (plan["Actual Rows"] ?? 0) * (plan["Actual Loops"] ?? 0)
    : 0;
  return (plan.Plans ?? []).reduce((sum, child) => sum + touchedRows(child), own);
}

async function explain(
  text: string,
  room: RoomId,
  seq: number,
  mode: "custom" | "generic" = "custom",
): Promise<Explained> {
  await client.query(`set plan_cache_mode = force_${mode}_plan`);
  await client.query(`prepare page (uuid, bigint, int) as ${text}`);
  const execution = `explain (analyze, format json) execute page ('${room}', ${seq}, ${LIMIT})`;
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan; "Execution Time": number }] }>(execution);
  await client.query("deallocate page");
  const [explained] = rows[0]?.["QUERY PLAN"] ?? [];
  if (explained === undefined) throw new Error("no plan");
  return { plan: explained.Plan, ms: explained["Execution Time"] };
}

const PAGE_SHAPE = "Subquery Scan (Limit (Index Scan events), Index Scan users)";

for (const [name, { text }, from] of [
  ["after", PAGE_AFTER, (size: number) => size / 2],
  ["before", PAGE_BEFORE, (size: number) => size / 2],
  ["the newest", PAGE_BEFORE, (size: number) => size + 1],
  ["the oldest", PAGE_AFTER, () => 0],
] as const) {
  test(`G5 a page of history (${name}) has one plan in a room of any size: one index, one partition, one page of rows`, async () => {
    for (const [room, size] of [
      [small, SMALL],
      [large, LARGE],
    ] as const) {
      const { plan, ms } = await explain(text, room, from(size));
      expect(shape(plan)).toBe(PAGE_SHAPE);
      expect(touchedRows(plan)).toBe(LIMIT);
      if (isLarge) process.stdout.write(`${name}, ${size} rows: ${ms} ms\n`);
    }
  });
}

test("G5 a plan made once for all rooms does not read other partitions, nor more than a page", async () => {
  const { plan } = await explain(PAGE_AFTER.text, large, LARGE / 2, "generic");
  expect(shape(plan)).toBe("Subquery Scan (Limit (Merge Append (Index Scan events)), Index Scan users)");
  expect(touchedRows(plan)).toBe(LIMIT);
});

test("G5 paging through a room meets every event once", async () => {
  let seq = 0;
  for (let page = await store.events.page(small, { after: 0, limit: 200 }); page.length > 0; ) {
    for (const event of page) expect(event.seq).toBe(++seq);
    page = await store.events.page(small, { after: seq, limit: 200 });
  }
  expect(seq).toBe(SMALL);
});
