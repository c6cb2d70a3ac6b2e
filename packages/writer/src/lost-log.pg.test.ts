import type { Acceptor, AcceptorOptions, Broker } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type PublicUser, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, startOwnRedis, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { openAcceptor as openTestAcceptor, openBroker as openTestBroker } from "../test/acceptors.ts";
import { numbered, startWriter, withEdge } from "../test/stack.ts";

/** A look a second, and its answer. */
const HEALED_MS = 2_500;
const STORED = { timeout: 8_000, interval: 20 };

let database: TestDatabase;
let store: Store;
let author: PublicUser;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const { url } = database;
  store = createPostgresStore({ url, poolMax: 8, statementTimeoutMs: 5_000, applicationName: "lost-log-test" });
  await store.migrate();
  author = await store.users.create({ username: "ada", passwordHash: null });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const newRoom = async (): Promise<RoomId> =>
  (await store.rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: author.id })).id;

const openBroker = (url: string): Broker => openTestBroker(url, "lost:");
const openAcceptor = (broker: Broker, fence: Partial<AcceptorOptions["fence"]> = {}) =>
  openTestAcceptor(store, broker, fence);

async function publish(acceptor: Acceptor, room: RoomId, texts: readonly string[]) {
  const accepting = texts.map((text) => {
    const id = newId<EventId>();
    const body = encodeEventBody({ by: author, kind: "message", id, text });
    return acceptor.accept({ room, user: author.id, id, body });
  });
  return await Promise.all(accepting);
}

async function rowsOf(room: RoomId): Promise<RoomEvent[]> {
  return await store.events.page(room, { after: 0, limit: 10_000 });
}

const textsOf = (rows: readonly RoomEvent[]) => rows.map((row) => (row.kind === "message" ? row.text : row.kind));
const inOrder = (texts: readonly string[]) => [...texts].sort();

/** All of a room is stored, each once; a second more shows nothing else. */
async function untilStored(room: RoomId, acceptors: readonly Acceptor[], texts: readonly string[]) {
  await vi.waitFor(async () => {
    expect(inOrder(textsOf(await rowsOf(room)))).toEqual(inOrder(texts));
    for (const { recovery } of acceptors) expect(recovery.undurable).toBe(0);
  }, STORED);
  return await rowsOf(room);
}

/** Stops the first batch of a writer behind `skipped` others before the store, until it is let through. */
function gate(skipped = 0) {
  let reach = (): void => undefined;
  let open = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let attempts = 0;
  const events = withEdge(store.events, {
    async append(batch) {
      if (attempts++ === skipped) {
        reach();
        await opened;
      }
      return await store.events.append(batch);
    },
  });
  return { reached, open: () => open(), store: { ...store, events } };
}

const epochOf = async (broker: Broker, room: RoomId) => (await broker.heads([room]))[0]?.epoch ?? 0;

test("G2 a flushed Redis loses nothing acked, though nobody publishes to the room any more", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const acceptor = openAcceptor(broker);
  const [room, other] = [await newRoom(), await newRoom()];
  const acked = await publish(acceptor, room, numbered("a", 600));
  await publish(acceptor, other, ["alone"]);
  expect(acceptor.recovery.undurable).toBe(601);

  await redis.admin.flushall();
  const flushedAt = performance.now();
  for (const one of [room, other])
    await vi.waitFor(async () => expect(await epochOf(broker, one)).toBeGreaterThan(1), {
      timeout: 5_000,
      interval: 20,
    });
  expect(performance.now() - flushedAt).toBeLessThan(HEALED_MS);
  expect(acceptor.recovery.undurable).toBe(601);

  startWriter({ broker, store });
  const rows = await untilStored(room, [acceptor], numbered("a", 600));
  expect(textsOf(rows)).toEqual(numbered("a", 600));
  expect(rows[0]?.seq).toBeGreaterThan(Math.max(...acked.map(({ seq }) => seq)));
  expect(textsOf(await rowsOf(other))).toEqual(["alone"]);
});

test("G3 a batch that a writer had in hand when Redis was flushed commits no more behind the new epoch", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const acceptor = openAcceptor(broker);
  const room = await newRoom();
  const held = gate(1);
  startWriter({ broker, store: held.store });
  onTestFinished(held.open);
  await publish(acceptor, room, ["before"]);
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), STORED);
  await publish(acceptor, room, numbered("a", 50));
  await held.reached;

  await redis.admin.flushall();
  await vi.waitFor(async () => expect(await epochOf(broker, room)).toBeGreaterThan(1), STORED);
  await publish(acceptor, room, ["behind"]);
  held.open();
  const rows = await untilStored(room, [acceptor], ["before", ...numbered("a", 50), "behind"]);
  expect(textsOf(rows)).toEqual(["before", ...numbered("a", 50), "behind"]);
  expect(rows.map(({ epoch }) => epoch)).toEqual([1, ...Array(51).fill(await epochOf(broker, room))]);
});

test("G3 what was committed, and its mark lost with Redis, is not offered again", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const acceptor = openAcceptor(broker);
  const room = await newRoom();
  const mute = withEdge(broker, { publishMarks: async () => undefined });
  startWriter({ broker: mute, store });
  await publish(acceptor, room, numbered("a", 50));
  await vi.waitFor(async () => expect(await rowsOf(room)).toHaveLength(50), STORED);
  expect(acceptor.recovery.undurable).toBe(50);

  await redis.admin.flushall();
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), STORED);
  expect((await rowsOf(room)).map(({ epoch }) => epoch)).toEqual(Array(50).fill(1));
  expect(await broker.tail(room, 0, 100)).toEqual([]);
});

test("G3 an event that was stored and acked is recognised behind a flush, whichever process gets it", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const [first, second] = [openAcceptor(broker), openAcceptor(broker)];
  startWriter({ broker, store });
  const room = await newRoom();
  const id = newId<EventId>();
  const body = encodeEventBody({ by: author, kind: "message", id, text: "once" });
  const request = { room, user: author.id, id, body };
  const acked = await first.accept(request);
  await untilStored(room, [first, second], ["once"]);
  await redis.admin.flushall();
  await publish(second, room, ["after"]);
  for (const acceptor of [first, second]) {
    expect(await acceptor.accept(request)).toMatchObject({ state: "duplicate", seq: acked.seq, epoch: acked.epoch });
  }
  await untilStored(room, [first, second], ["once", "after"]);
});

test("G3 a batch that commits between flush and seal is seen by the process that seals", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const held = gate();
  const acceptor = openAcceptor(broker, {
    async seal(shard, start) {
      held.open();
      await vi.waitFor(async () => expect(await rowsOf(room)).toHaveLength(20), STORED);
      await store.shards.seal(shard, start);
    },
  });
  const room = await newRoom();
  startWriter({ broker, store: held.store });
  onTestFinished(held.open);
  await publish(acceptor, room, numbered("a", 20));
  await held.reached;
  await redis.admin.flushall();
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), STORED);
  await publish(acceptor, room, ["behind"]);
  expect(textsOf(await untilStored(room, [acceptor], [...numbered("a", 20), "behind"])).at(-1)).toBe("behind");
});

test("G2 G3 a Redis that restarts with all it had gives every event once", async () => {
  const redis = await startOwnRedis(onTestFinished, "--appendonly", "yes", "--appendfsync", "always");
  const broker = openBroker(redis.url);
  const acceptor = openAcceptor(broker);
  const room = await newRoom();
  const first = startWriter({ broker, store });
  await publish(acceptor, room, numbered("a", 50));
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), STORED);
  await first.stop();
  await publish(acceptor, room, numbered("b", 50));

  await redis.kill();
  await redis.restart();
  await vi.waitFor(() => publish(acceptor, room, ["behind"]), { timeout: 5_000 });
  const texts = [...numbered("a", 50), ...numbered("b", 50), "behind"];
  startWriter({ broker, store });
  const rows = await untilStored(room, [acceptor], texts);
  expect(textsOf(rows)).toEqual(texts);
  expect(rows.map(({ epoch }) => epoch)).toEqual([...Array(100).fill(1), await epochOf(broker, room)]);
});

test("G2 G3 G6 a Redis that fell back to an older dump loses no acked event, doubles none and reuses no number", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = openBroker(redis.url);
  const [one, other] = [openAcceptor(broker), openAcceptor(openBroker(redis.url))];
  const [room, quiet] = [await newRoom(), await newRoom()];
  const writer = startWriter({ broker, store });
  const acked = await publish(one, room, numbered("stored", 30));
  await vi.waitFor(() => expect(one.recovery.undurable).toBe(0), STORED);
  await writer.stop();
  acked.push(...(await publish(one, room, numbered("dumped", 30))), ...(await publish(other, quiet, ["dumped"])));
  await redis.dump();
  acked.push(
    ...(await publish(one, room, numbered("lost", 30))),
    ...(await publish(other, room, numbered("also", 30))),
  );
  const quietAcked = await publish(other, quiet, ["lost"]);

  await redis.fallBack();
  // Somebody who knows nothing of what was lost comes first.
  const newcomer = openAcceptor(openBroker(redis.url));
  await vi.waitFor(() => publish(newcomer, room, ["newcomer"]), { timeout: 5_000 });
  startWriter({ broker, store });
  const texts = ["stored", "dumped", "lost", "also"].flatMap((prefix) => numbered(prefix, 30));
  const rows = await untilStored(room, [one, other, newcomer], [...texts, "newcomer"]);
  expect(textsOf(rows).filter((text) => text.startsWith("lost"))).toEqual(numbered("lost", 30));
  expect(textsOf(await untilStored(quiet, [one, other], ["dumped", "lost"]))).toEqual(["dumped", "lost"]);
  expect((await rowsOf(quiet))[1]?.seq).toBeGreaterThan(quietAcked[0]?.seq ?? Number.NaN);
  const highest = Math.max(...acked.map(({ seq }) => seq));
  const numberedAnew = rows.filter(({ epoch }) => epoch > 1);
  expect(numberedAnew).toHaveLength(61);
  expect(Math.min(...numberedAnew.map(({ seq }) => seq))).toBeGreaterThan(highest);
});

test("G2 processes heal side by side, each what it accepted", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const brokers = [1, 2, 3].map(() => openBroker(redis.url));
  const acceptors = brokers.map((broker) => openAcceptor(broker));
  const rooms = await Promise.all(Array.from({ length: 12 }, newRoom));
  const texts = (at: number) => numbered(`process ${at}`, 40);
  const all = acceptors.flatMap((_acceptor, at) => texts(at));
  const publishAll = (prefix: string) =>
    acceptors.flatMap((acceptor, at) =>
      rooms.map((room) =>
        publish(
          acceptor,
          room,
          texts(at).map((text) => prefix + text),
        ),
      ),
    );
  await Promise.all(publishAll(""));
  startWriter({ broker: openBroker(redis.url), store });
  await redis.admin.flushall();
  await Promise.all(publishAll("later "));
  await redis.admin.flushall();
  for (const room of rooms) {
    await untilStored(room, acceptors, [...all, ...all.map((text) => `later ${text}`)]);
  }
  for (const room of rooms) {
    const mine = textsOf(await rowsOf(room)).filter((text) => text.startsWith("process 1"));
    expect(mine).toEqual(texts(1));
  }
});
