import { type EventId, newId, type RoomEvent } from "@hubbub/protocol";
import { createPostgresStore } from "@hubbub/store";
import { query, startPostgres } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { SIZES } from "./sizes.ts";

const ROOMS = 20;
const BATCHES = 40;
const BATCH = 250;
const TEXT = 200;
/** The target of the design. */
const TOLERANCE = 0.25;

test("the planner's bytes of a row and of its WAL are within a quarter of what a real Postgres takes", async () => {
  // One of its own: WAL is counted for a whole server.
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const url = await postgres.createDatabase("plan");
  const store = createPostgresStore({
    url,
    poolMax: 2,
    statementTimeoutMs: 20_000,
    applicationName: "plan",
  });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await store.migrate();
  const user = await store.users.create({ username: "planner", passwordHash: "hash" });
  const rooms = await Promise.all(
    Array.from({ length: ROOMS }, (_, at) =>
      store.rooms.create({ name: `plan-${at}`, visibility: "public", topic: "", createdBy: user.id }),
    ),
  );
  const lease = await store.shards.acquire(0, "planner", 60_000);
  if (lease === null) throw new Error("the shard is taken");
  const place = async () => {
    const [row] = (await query(url, "select pg_current_wal_lsn() - '0/0' as wal")) as { wal: string }[];
    return Number(row?.wal);
  };
  let held = lease;
  const before = await place();
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const events = Array.from({ length: BATCH }, (_, at): RoomEvent => {
      const index = batch * BATCH + at;
      const room = rooms[index % ROOMS];
      if (room === undefined) throw new Error("no room");
      const text = Array.from({ length: TEXT / 8 }, () => Math.random().toString(36).slice(2, 9))
        .join(" ")
        .slice(0, TEXT);
      return {
        ...{
          type: "event",
          room: room.id,
          seq: Math.floor(index / ROOMS) + 1,
          epoch: 1,
          at: 1_700_000_000_000 + index,
        },
        ...{ by: { id: user.id, username: "planner" }, kind: "message", id: newId<EventId>(), text },
      } as RoomEvent;
    });
    await store.events.append({ lease: held, offset: `${batch + 1}-0`, events });
    held = { ...held, offset: `${batch + 1}-0` };
  }
  const wal = ((await place()) - before) / (BATCHES * BATCH) - TEXT;
  const text =
    "select sum(pg_total_relation_size(c.oid))::float8 as size from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'hubbub' and c.relkind = 'r' and c.relname like 'events%'";
  const [size] = (await query(url, text)) as { size: number }[];
  const row = (size?.size ?? 0) / (BATCHES * BATCH) - TEXT;
  const off = { row: Math.abs(row / SIZES.row - 1), wal: Math.abs(wal / SIZES.wal - 1) };
  const measured = `${Math.round(row)} bytes of a row and ${Math.round(wal)} of WAL beside the text`;
  expect(off.row, measured).toBeLessThan(TOLERANCE);
  expect(off.wal, measured).toBeLessThan(TOLERANCE);
});
