import type { Acceptor } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, startOwnRedis, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { openAcceptor, openBroker } from "../test/acceptors.ts";
import { numbered, startWriter } from "../test/stack.ts";

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
    const broker = openBroker(redis.url, "again:");
    const acceptor = openAcceptor(store, broker);
    const room = (await store.rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: author.id }))
      .id;
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

test("a deletion that was acked finds its message behind a lost log, though another process offers it again first", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const openOne = () => openAcceptor(store, openBroker(redis.url, "again:"));
  const [writing, moderating] = [openOne(), openOne()];
  const room = (await store.rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: author.id })).id;
  const [{ seq: target } = { seq: 0 }] = await publish(writing, room, ["secret"]);
  const id = newId<EventId>();
  const deletion = encodeEventBody({ by: author, kind: "delete", id, target });
  await moderating.accept({ room, user: author.id, id, body: deletion });
  await redis.admin.flushall();
  await publish(moderating, room, ["behind the deletion"]);
  startWriter({ broker: openBroker(redis.url, "again:"), store });
  const rows = await vi.waitFor(
    async () => {
      const found = await store.events.page(room, { after: 0, limit: 10 });
      expect(found.map(({ kind }) => kind).sort()).toEqual(["delete", "message", "message"]);
      return found;
    },
    { timeout: 8_000 },
  );
  const message = rows.find((row) => row.kind === "message" && row.was?.includes(target));
  expect(message).toMatchObject({ text: "" });
  const { states } = await store.events.states(room, [message?.seq ?? 0]);
  expect(states.get(message?.seq ?? 0)?.isDeleted).toBe(true);
});

test("a deletion that is stored first finds its message, which was sent again through another process", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const told = vi.fn(store.events.moved);
  const openOne = () => openAcceptor(store, openBroker(redis.url, "again:"), { moved: told });
  const [writing, moderating, other] = [openOne(), openOne(), openOne()];
  const room = (await store.rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: author.id })).id;
  const said = { by: author, kind: "message", id: newId<EventId>(), text: "secret" } as const;
  const request = { room, user: author.id, id: said.id, body: encodeEventBody(said) };
  const { seq: target } = await writing.accept(request);
  const id = newId<EventId>();
  const deletion = encodeEventBody({ by: author, kind: "delete", id, target });
  await moderating.accept({ room, user: author.id, id, body: deletion });
  await redis.admin.flushall();
  await publish(moderating, room, ["behind the deletion"]);
  const first = startWriter({ broker: openBroker(redis.url, "again:"), store });
  await vi.waitFor(async () => expect(await textsOf(room)).toEqual(["delete", "behind the deletion"]), 8_000);
  await first.drain(AbortSignal.timeout(2_000));
  await first.stop();
  const { seq } = await other.accept(request);
  await publish(writing, room, ["behind the message"]);
  expect(told).toHaveBeenCalled();
  expect((await store.events.states(room, [seq])).states.get(seq)?.isDeleted).toBe(true);
  startWriter({ broker: openBroker(redis.url, "again:"), store });
  const all = ["delete", "behind the deletion", "", "behind the message"];
  await vi.waitFor(async () => expect(await textsOf(room)).toEqual(all), 8_000);
  expect((await store.events.states(room, [seq])).states.get(seq)?.isDeleted).toBe(true);
});

test.each([true, false])(
  "a deletion that was acked finds its message when the first log comes back behind a second loss (writer first: %s)",
  async (writerFirst) => {
    const redis = await startOwnRedis(onTestFinished);
    const openOne = () => openAcceptor(store, openBroker(redis.url, "again:"));
    const [writing, moderating] = [openOne(), openOne()];
    const { id: room } = await store.rooms.create({
      name: newId(),
      visibility: "public",
      topic: "",
      createdBy: author.id,
    });
    const [{ seq: first } = { seq: 0 }] = await publish(writing, room, ["secret"]);
    await redis.dump();

    await redis.admin.flushall();
    await publish(writing, room, ["second life"]);
    const tail = (await openBroker(redis.url, "again:").tail(room, 0, 10)).map(({ frame }) => JSON.parse(`${frame}`));
    const { seq: target } = tail.find(({ text }) => text === "secret");
    expect(target).toBeGreaterThan(first);
    const id = newId<EventId>();
    await moderating.accept({
      room,
      user: author.id,
      id,
      body: encodeEventBody({ by: author, kind: "delete", id, target }),
    });

    await redis.fallBack();
    if (writerFirst) startWriter({ broker: openBroker(redis.url, "again:"), store });
    for (const one of [moderating, writing])
      await vi.waitFor(() => publish(one, room, ["third life"]), { timeout: 5_000 });
    if (!writerFirst) startWriter({ broker: openBroker(redis.url, "again:"), store });
    const all = ["", "second life", "delete", "third life", "third life"];
    await vi.waitFor(async () => expect((await textsOf(room)).sort()).toEqual(all.sort()), { timeout: 8_000 });
    expect((await store.events.states(room, [first])).states.get(first)?.isDeleted).toBe(true);
    await vi.waitFor(() => expect(writing.recovery.undurable + moderating.recovery.undurable).toBe(0), {
      timeout: 8_000,
    });
  },
);
