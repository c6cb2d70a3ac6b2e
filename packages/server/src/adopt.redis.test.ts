import { Acceptor, createAcceptor, createRedisBroker, createRedisInspection } from "@hubbub/broker";
import { BODY_MAX_BYTES, type EventId, encodeMessageBody, newId, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { type AdoptOptions, adopt } from "./adopt.ts";
import { parseSettings } from "./settings.ts";

const LOG_MAX = 10_000;
/** As the acceptor bounds it. */
const RETAINED_BYTES_MAX = 256 * 1_024 * 1_024;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const FIRST = { reason: "a test", keepSessions: true, keepLog: true };

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

/** A cluster of one shard that stands still, with a log of its own in each generation. */
async function openWorld() {
  const prefix = `adopt-${newId().slice(-12)}`;
  const where = { url: inject("redisUrl"), prefix, shards: 1, log };
  const settings = parseSettings({
    REDIS_URL: where.url,
    REDIS_PREFIX: prefix,
    SHARDS: "1",
    DATABASE_URL: "postgres://nobody@localhost/none",
  });
  const user = await store.users.create({ username: `u${newId().slice(-12)}`, passwordHash: "hash" });
  const { id: room } = await store.rooms.create({ name: prefix, visibility: "public", topic: "", createdBy: user.id });
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const eventsOf = async (generation: number): Promise<RoomEvent[]> => {
    await using inspection = createRedisInspection({ ...where, generation });
    return (await inspection.entries(0, "", LOG_MAX)).map(({ frame }) => JSON.parse(frame));
  };
  return {
    /** Only the log has them. */
    async say(count: number): Promise<EventId[]> {
      const generation = await store.cluster.generation();
      await using broker = createRedisBroker({ ...where, generation, backlogMaxEvents: LOG_MAX });
      const acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
      const ids = Array.from({ length: count }, () => newId<EventId>());
      const bodyOf = (id: EventId) => encodeMessageBody(JSON.stringify(user), id, "said", undefined);
      await Promise.all(
        ids.map((id) => acceptor.accept({ room: room as RoomId, user: user.id, id, body: bodyOf(id) })),
      );
      return ids;
    },
    adopt: (options: AdoptOptions, through = store) => adopt(through, settings, options),
    async inLog(): Promise<EventId[]> {
      return (await eventsOf(await store.cluster.generation())).map(({ id }) => id);
    },
    eventsOf,
  };
}

/** The database goes away behind so many questions about the log, with two a page is offered: the new generation has begun by then. */
function failing(questions = 0): Store {
  let left = questions;
  const stored: Store["events"]["stored"] = async (...asked) => {
    left -= 1;
    if (left < 0) throw new Error("Postgres went away");
    return await store.events.stored(...asked);
  };
  return Object.assign(Object.create(store), { events: { ...store.events, stored } });
}

test.each([0, 2])(
  "G2 G3 adopt that fails behind %d questions to the database keeps the log, once, when it is repeated",
  async (questions) => {
    const world = await openWorld();
    const said = await world.say(700);
    await expect(world.adopt(FIRST, failing(questions))).rejects.toThrow("Postgres went away");
    await expect(world.adopt(FIRST, failing(questions))).rejects.toThrow("Postgres went away");
    await world.adopt(FIRST);
    expect(await world.inLog()).toEqual(said);
  },
);

test("changes that name a seq of any former log find their message behind a repeated adopt", async () => {
  const world = await openWorld();
  await world.say(501);
  await expect(world.adopt(FIRST, failing(2))).rejects.toThrow("Postgres went away");
  const generation = await store.cluster.generation();
  const [between] = await world.eventsOf(generation);
  await world.adopt(FIRST);
  const [message] = await world.eventsOf(generation + 1);
  if (message === undefined || between === undefined) throw new Error("the log has no events");
  expect(message.id).toBe(between.id);
  const lease = await store.shards.acquire(0, "a test", 60_000);
  if (lease === null) throw new Error("the shard is taken");
  const { seq } = message;
  const deletion = { ...message, kind: "delete", id: newId<EventId>(), seq: seq + 1_000, target: between.seq } as const;
  await store.events.append({ lease, offset: "1-0", events: [message, { ...deletion, was: undefined }] });
  expect((await store.events.states(message.room, [seq])).states.get(seq)?.isDeleted).toBe(true);
  await store.shards.release("a test", { ...lease, offset: "1-0" });
});

test("G3 what is a row under the seq that it had in an earlier log is not offered", async () => {
  const world = await openWorld();
  // One more than a page: the room is in its new epoch when the last one is looked at.
  await world.say(501);
  const generation = await store.cluster.generation();
  const said = await world.eventsOf(generation);
  await world.adopt(FIRST);
  expect((await world.eventsOf(generation + 1)).at(-1)).toMatchObject({ id: said.at(-1)?.id, was: [501] });
  // A newer copy of the database is put in place of the first one.
  const lease = await store.shards.acquire(0, "a test", 60_000);
  if (lease === null) throw new Error("the shard is taken");
  await store.events.append({ lease, offset: "1-0", events: said });
  await store.shards.release("a test", { ...lease, offset: "1-0" });
  await world.adopt(FIRST);
  expect(await world.inLog()).toEqual([]);
});

test("a log that was given up is not kept by a later adopt", async () => {
  const world = await openWorld();
  await world.say(3);
  await expect(world.adopt(FIRST, failing())).rejects.toThrow("Postgres went away");
  await world.adopt({ ...FIRST, keepLog: false });
  const said = await world.say(2);
  await world.adopt(FIRST);
  expect(await world.inLog()).toEqual(said);
});

test("G2 however long the log is, no acceptor has more of it in hand than it may keep", async () => {
  const world = await openWorld();
  const said = await world.say(5_500);
  const accept = vi.spyOn(Acceptor.prototype, "accept");
  onTestFinished(() => accept.mockRestore());
  await world.adopt(FIRST);
  const bytes = new Map<unknown, number>();
  for (const acceptor of accept.mock.contexts) bytes.set(acceptor, (bytes.get(acceptor) ?? 0) + BODY_MAX_BYTES);
  expect(Math.max(...bytes.values())).toBeLessThan(RETAINED_BYTES_MAX);
  expect(await world.inLog()).toEqual(said);
});
