import { type EventBody, type EventId, newId, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { event } from "../test/contract/fixtures.ts";
import { explain, nodesOf, PLAN_MODES, rowsOf } from "../test/plan.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { APPEND_CHANGES } from "./append-changes.ts";
import { toParameters } from "./search-journal.ts";
import { UNREAD } from "./threads.ts";

const EVENTS = 400_000;
/** Of message 1, as its replies. Message 2 has none. The first of the others have an edit each. */
const REPLIES = 40_000;
const EDITED = 10_000;
const DELETIONS = 500;
/** Rows that a statement may read and compare for each of its events, in all its nodes. */
const ROWS_PER_EVENT = 100;

let database: StoreDatabase;
let client: pg.Client;
const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ann" };
const moderator = { id: newId<UserId>(), username: "bob" };

beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  await database.openStore().migrate();
  client = await database.connect();
  await client.query("set synchronous_commit = off");
  await client.query(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text, target)
     select $1, n, 1, 1700000000000 + n, case when n > $2::int - $4::int then 'edit' else 'message' end, $5, 'e' || n, 'text',
       case when n > $2::int - $4::int then n - $2::int + $4::int + 2 when n > $2::int - $4::int - $3::int then 1 end
     from generate_series(1, $2::int) n`,
    [room, EVENTS, REPLIES, EDITED, by.id],
  );
  await client.query(
    `insert into hubbub.message_state (room_id, seq, text, edited_seq, edited_at, edits, reply_count, last_reply_seq, last_reply_at)
     select room_id, target, max(text) filter (where kind = 'edit'), max(seq) filter (where kind = 'edit'),
       max(at) filter (where kind = 'edit'), count(*) filter (where kind = 'edit'), count(*) filter (where kind = 'message'),
       max(seq) filter (where kind = 'message'), max(at) filter (where kind = 'message')
     from hubbub.events where target is not null group by room_id, target`,
  );
  await client.query("insert into hubbub.shards (shard, token, expires_at) values (0, 1, now())");
  for (const table of ["events", "message_state"]) await client.query(`analyze hubbub.${table}`);
});
afterAll(() => database[Symbol.asyncDispose]());

type Change = EventBody extends infer Body ? (Body extends unknown ? Omit<Body, "by" | "id"> : never) : never;

function change(seq: number, body: Change, author = by): RoomEvent {
  return event(room, EVENTS + seq, { by: author, id: newId<EventId>(), ...body } as EventBody);
}

/** Rows that the statement reads and compares for a batch, which is not stored. */
async function rowsFor(events: readonly RoomEvent[], mode: (typeof PLAN_MODES)[number]): Promise<number> {
  await client.query("begin");
  const plan = await explain(client, APPEND_CHANGES.local.text, [0, 1, "", "1-0", ...toParameters(events)], mode);
  await client.query("rollback");
  return nodesOf(plan).reduce((sum, node) => sum + rowsOf(node), 0);
}

const bodies = {
  reply: (thread: number): Change => ({ kind: "message", thread, text: "reply" }),
  edit: (target: number): Change => ({ kind: "edit", target, text: "edited" }),
  reaction: (target: number): Change => ({ kind: "react", target, emoji: "👍" }),
  pin: (target: number): Change => ({ kind: "pin", target }),
  deletion: (target: number): Change => ({ kind: "delete", target }),
};

test.each(PLAN_MODES)(
  "a change of a message with 40,000 replies costs as one of a new message (%s plan)",
  async (mode) => {
    for (const [kind, body] of Object.entries(bodies)) {
      const first = await rowsFor([change(1, body(2))], mode);
      const later = await rowsFor([change(1, body(1))], mode);
      expect.soft(later, kind).toBeLessThanOrEqual(3 * first);
    }
  },
);

test.each(PLAN_MODES)(
  "a large batch costs as many rows as it has events, in a room with 400,000 (%s plan)",
  async (mode) => {
    const deletions = Array.from({ length: DELETIONS }, (_none, at) =>
      change(at + 1, { kind: "delete", target: at + 3 }, moderator),
    );
    expect.soft(await rowsFor(deletions, mode), "deletions").toBeLessThan(DELETIONS * ROWS_PER_EVENT);
    const said = Array.from({ length: 4 * DELETIONS }, (_none, at): RoomEvent => {
      const mentions = { names: ["cleo"], room: true as const };
      return change(at + 1, {
        kind: "message",
        text: "hello",
        ...(at % 2 === 0 ? { mentions } : { thread: EVENTS + at }),
      });
    });
    const kinds = Object.values(bodies);
    const changed = said.map(({ seq }, at) => {
      const body = kinds[at % kinds.length] ?? bodies.deletion;
      return change(said.length + at + 1, body(seq), moderator);
    });
    const events = [...said, ...changed];
    expect.soft(await rowsFor(events, mode), "all kinds").toBeLessThan(events.length * ROWS_PER_EVENT);
  },
);

test.each(PLAN_MODES)(
  "unread replies of a thread are found past the reactions to its first message (%s plan)",
  async (mode) => {
    await client.query("begin");
    await client.query(
      `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, target)
     select $1, $2 + n, 1, 1700000000000, 'react', $3, 'r' || n, 2 from generate_series(1, 5000) n`,
      [room, EVENTS, by.id],
    );
    await client.query(
      "insert into hubbub.thread_follows (user_id, room_id, seq, is_following) values ($1, $2, 2, true)",
      [moderator.id, room],
    );
    const text = `select (${UNREAD}) as unread from hubbub.thread_follows f where f.user_id = $1::uuid and f.room_id = $2::uuid`;
    const plan = await explain(client, text, [moderator.id, room], mode);
    await client.query("rollback");
    const ofEvents = nodesOf(plan).filter((node) => node["Relation Name"]?.startsWith("events"));
    expect(ofEvents.reduce((sum, node) => sum + rowsOf(node), 0)).toBeLessThan(ROWS_PER_EVENT);
  },
);
