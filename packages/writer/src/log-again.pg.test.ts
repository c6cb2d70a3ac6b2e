import { type Acceptor, createAcceptor, createRedisBroker } from "@hubbub/broker";
import { DEDUPE_WINDOW_MS, type EventId, encodeEventBody, newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, startOwnRedis, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { numbered, SHARDS, startWriter } from "../test/stack.ts";

const log = createLogger({ level: "silent", node: "test" });

let database: TestDatabase;
let store: Store;
let author: PublicUser;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const { url } = database;
  store = createPostgresStore({ url, poolMax: 8, statementTimeoutMs: 5_000, applicationName: "log-again-test" });
  await store.migrate();
  author = await store.users.create({ username: "ada", passwordHash: null });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function publish(acceptor: Acceptor, room: RoomId, texts: readonly string[]) {
  const accepting = texts.map((text) => {
    const id = newId<EventId>();
    const body = encodeEventBody({ by: author, kind: "message", id, text });
    return acceptor.accept({ room, user: author.id, id, body });
  });
  return await Promise.all(accepting);
}

async function textsOf(room: RoomId): Promise<string[]> {
  const rows = await store.events.page(room, { after: 0, limit: 10_000 });
  return rows.map((row) => (row.kind === "message" ? row.text : row.kind));
}

test.each([true, false])(
  "G3 a log that was lost, offered again and is there once more brings nothing twice (writer runs on: %s)",
  async (runsOn) => {
    const redis = await startOwnRedis(onTestFinished);
    const broker = createRedisBroker({
      url: redis.url,
      prefix: "again:",
      shards: SHARDS,
      log,
      backlogMaxEvents: 50_000,
    });
    onTestFinished(() => broker[Symbol.asyncDispose]());
    const { rooms, shards, events } = store;
    const acceptor = createAcceptor({
      broker,
      beginEpoch: (room, seen, jump) => rooms.beginEpoch(room, seen, jump),
      recent: (room) => events.recent(room, Date.now() - DEDUPE_WINDOW_MS, 10_000),
      fence: { seal: shards.seal, stored: events.stored },
    });
    onTestFinished(() => acceptor[Symbol.asyncDispose]());
    const room = (await rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: author.id })).id;
    await publish(acceptor, room, numbered("early", 40));
    await redis.dump();

    await redis.admin.flushall();
    const writer = startWriter({ broker, store });
    await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), { timeout: 8_000 });
    expect(await textsOf(room)).toEqual(numbered("early", 40));
    if (!runsOn) await writer.stop();

    await redis.fallBack();
    await vi.waitFor(() => publish(acceptor, room, ["late"]), { timeout: 5_000 });
    if (!runsOn) startWriter({ broker, store });
    await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), { timeout: 8_000 });
    expect(await textsOf(room)).toEqual([...numbered("early", 40), "late"]);
  },
);
