import { BrokerUnavailable, createRedisBroker, shardOf } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type RoomId } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { createTestDatabase, query, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { handoverSuite } from "../test/handover.ts";
import { away, outageSuite } from "../test/outage.ts";
import { pathSuite } from "../test/path.ts";
import {
  acceptBodies,
  acceptTexts,
  BY,
  lastMark,
  listenForMarks,
  openRoom,
  SHARDS,
  type Stack,
  startWriter,
  stored,
  textBody,
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

/** Rooms of earlier tests may be in the same shard: their deletions are forgotten as ever. */
const unwellFor =
  (room: RoomId): Stack["broker"]["forget"] =>
  async (shard, events) => {
    if (events.some((event) => event.room === room)) throw new BrokerUnavailable("the log is away");
    return await stack.broker.forget(shard, events);
  };
/** One entry of the tail, with the deletion of its first event. */
const withDeletion = [
  textBody("secret"),
  encodeEventBody({ by: BY, id: newId<EventId>(), kind: "delete", target: 1 }),
  textBody("b"),
  textBody("c"),
];

/** The store loses the rows of a room above `seq`; its offset is behind that event. */
async function fallBack(room: RoomId, seq: number): Promise<void> {
  const shard = shardOf(room, SHARDS);
  await using log = await stack.broker.openLog(shard);
  const frames = await log.read("", 50_000, 0);
  const offset = frames.find(
    ({ frame }) => frame.includes(`"room":"${room}"`) && frame.includes(`"seq":${seq},`),
  )?.offset;
  await query(
    database.url,
    `with lost as (delete from hubbub.events where room_id = $1 and seq > $2)
     update hubbub.shards set "offset" = $3 where shard = $4`,
    [room, seq, offset ?? "", shard],
  );
}

const seqsOfTail = async (room: RoomId) => (await stack.broker.tail(room, 0, 100)).map(({ seq }) => seq);

test("G5 a store that fell back within an entry of the tail: the tail keeps the entry until it is stored again", async () => {
  const room = await openRoom(stack);
  const first = startWriter({ ...stack, broker: withEdge(stack.broker, { forget: unwellFor(room) }) });
  await acceptBodies(stack, room, withDeletion);
  await vi.waitFor(() => expect(lastMark(stack, room)).toBe(4), 5_000);
  await first.stop();
  await fallBack(room, 2);
  const forgets: RoomId[][] = [];
  const broker = withEdge(stack.broker, {
    async forget(shard, events) {
      forgets.push(events.map((event) => event.room));
      return await stack.broker.forget(shard, events);
    },
  });
  const state = { isAway: true };
  startWriter({ broker, store: awayStore(state) });
  await vi.waitFor(() => expect(forgets.flat()).toContain(room), 5_000);
  expect(await seqsOfTail(room)).toEqual([1, 2, 3, 4]);
  state.isAway = false;
  await vi.waitFor(async () => expect(await seqsOfTail(room)).toEqual([]), 5_000);
  expect(await stored(stack, room)).toEqual(["", "delete", "b", "c"]);
});

test("G5 a store that fell back behind a deletion: what the writer had to drop stays until it is stored again", async () => {
  const room = await openRoom(stack);
  const state = { isAway: false, isUnwell: true, forgets: 0, acquired: 0 };
  const broker = withEdge(stack.broker, {
    async forget(shard, events) {
      if (state.isUnwell) return await unwellFor(room)(shard, events);
      state.forgets += 1;
      return await stack.broker.forget(shard, events);
    },
  });
  startWriter({ broker, store: awayStore(state) });
  await acceptBodies(stack, room, withDeletion);
  await vi.waitFor(() => expect(lastMark(stack, room)).toBe(4), 5_000);
  state.isAway = true;
  await fallBack(room, 0);
  const acquired = state.acquired;
  await vi.waitFor(() => expect(state.acquired).toBeGreaterThan(acquired + 1), 10_000);
  state.isUnwell = false;
  const again = state.acquired;
  await vi.waitFor(() => expect(state.acquired).toBeGreaterThan(again + 1), 10_000);
  expect(await seqsOfTail(room)).toEqual([1, 2, 3, 4]);
  state.isAway = false;
  await vi.waitFor(async () => expect(await seqsOfTail(room)).toEqual([]), 5_000);
  expect(await stored(stack, room)).toEqual(["", "delete", "b", "c"]);
});

/** Takes no batch while it is away. */
function awayStore(state: { readonly isAway: boolean; acquired?: number }): Stack["store"] {
  const events = withEdge(stack.store.events, {
    async append(batch) {
      if (state.isAway) throw away();
      return await stack.store.events.append(batch);
    },
  });
  const shards = withEdge(stack.store.shards, {
    async acquire(...asked) {
      state.acquired = (state.acquired ?? 0) + 1;
      return await stack.store.shards.acquire(...asked);
    },
  });
  return { ...stack.store, events, shards };
}
