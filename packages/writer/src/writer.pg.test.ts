import { createRedisBroker, shardOf } from "@hubbub/broker";
import { newId } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { createTestDatabase, query, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { handoverSuite } from "../test/handover.ts";
import { away, outageSuite } from "../test/outage.ts";
import { pathSuite } from "../test/path.ts";
import {
  acceptTexts,
  lastMark,
  listenForMarks,
  openRoom,
  SHARDS,
  type Stack,
  startWriter,
  stored,
  withEdge,
} from "../test/stack.ts";

let database: TestDatabase;
let stack: Stack;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const { url } = database;
  const store = createPostgresStore({ url, poolMax: 8, statementTimeoutMs: 5_000, applicationName: "writer-test" });
  await store.migrate();
  const broker = createRedisBroker({
    url: inject("redisUrl"),
    prefix: `writer-test-${newId()}:`,
    shards: SHARDS,
    log: createLogger({ level: "silent", node: "test" }),
    backlogMaxEvents: 50_000,
  });
  stack = { broker, store, marks: listenForMarks(broker) };
});
afterAll(async () => {
  await stack.broker[Symbol.asyncDispose]();
  await stack.store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe("the path", () => pathSuite(() => stack));
describe("a change of hands", () => handoverSuite(() => stack));
describe("an outage", () => outageSuite(() => stack));

test("G2 what a store that fell back to an older state has lost is read and stored again", async () => {
  const room = await openRoom(stack);
  let isAway = false;
  const events = withEdge(stack.store.events, {
    async append(batch) {
      if (isAway) throw away();
      return await stack.store.events.append(batch);
    },
  });
  startWriter({ ...stack, store: { ...stack.store, events } });
  await acceptTexts(stack, room, ["a", "b"]);
  await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2), 5_000);

  isAway = true;
  await acceptTexts(stack, room, ["c"]);
  await query(database.url, `with lost as (delete from hubbub.events) update hubbub.shards set "offset" = ''`);
  isAway = false;
  await vi.waitFor(() => expect(lastMark(stack, room)).toBe(3), 5_000);
  expect(await stored(stack, room)).toEqual(["a", "b", "c"]);
});

test("G2 a store that fell back while nobody asked it anything is found out at the next renewal", async () => {
  const room = await openRoom(stack);
  startWriter(stack);
  await acceptTexts(stack, room, ["a", "b"]);
  await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2), 5_000);
  await query(
    database.url,
    `with lost as (delete from hubbub.events where room_id = $1)
     update hubbub.shards set "offset" = '' where shard = $2`,
    [room, shardOf(room, SHARDS)],
  );
  await vi.waitFor(async () => expect(await stored(stack, room)).toEqual(["a", "b"]), 5_000);
});
