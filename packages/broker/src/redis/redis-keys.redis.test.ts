import { newId, type UserId } from "@hubbub/protocol";
import { startOwnRedis } from "@hubbub/testkit";
import { Redis } from "ioredis";
import { beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { accept, message, newRoom, open, openRoom, record, SHARDS, seqOf } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { createKeys } from "../keys.ts";
import type { RedisBrokerOptions } from "./redis-broker.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
let url: string;
beforeAll(() => {
  url = inject("redisUrl");
});

/** A broker, what it calls its keys, and somebody who can look at them. */
function openWithKeys(options: Partial<RedisBrokerOptions> = {}) {
  const prefix = `test:${newId()}:`;
  const broker = open(() => openOnRedis({ prefix, backlogMaxEvents: 10_000, ...options }));
  const redis = new Redis(url, { protocol: 2 });
  onTestFinished(() => redis.disconnect());
  return { broker, redis, keys: createKeys(prefix, SHARDS) };
}

const messages = (room: ReturnType<typeof newRoom>, count: number) =>
  Array.from({ length: count }, (_none, at) => message(room, `${at}`));

test("G2 a tail keeps its bound, and whatever is not durable", async () => {
  const { broker } = openWithKeys({ tailEvents: 10 });
  const room = await openRoom(broker);
  await accept(broker, ...messages(room, 300));
  expect(await broker.tail(room, 0, 1_000)).toHaveLength(300);
  await broker.publishMarks(0, [{ room, seq: 200 }]);
  await accept(broker, ...messages(room, 100));
  const undurable = await broker.tail(room, 0, 1_000);
  expect(undurable.length).toBeLessThan(300);
  expect(undurable.map(({ seq }) => seq).slice(-200)).toEqual(Array.from({ length: 200 }, (_none, at) => 201 + at));
  await broker.publishMarks(0, [{ room, seq: 400 }]);
  await accept(broker, ...messages(room, 1));
  const { length } = await broker.tail(room, 0, 1_000);
  expect(length).toBeGreaterThanOrEqual(10);
  expect(length).toBeLessThan(150);
});

const LARGE = "\u0001".repeat(1_300);
const large = (room: ReturnType<typeof newRoom>, count: number) =>
  Array.from({ length: count }, () => message(room, LARGE));
const bytesOf = (frames: readonly { readonly frame: Buffer | string }[]) =>
  frames.reduce((sum, { frame }) => sum + Buffer.byteLength(frame), 0);

test("G8 a tail is bounded in bytes, whatever the size of its events, and keeps whatever is not durable", async () => {
  const { broker } = openWithKeys({ tailMaxBytes: 100_000 });
  const room = await openRoom(broker);
  await accept(broker, ...large(room, 60));
  expect(await broker.tail(room, 0, 1_000)).toHaveLength(60);
  // The room is silent from here on: the mark alone lets go what was kept for the writer.
  await broker.publishMarks(0, [{ room, seq: 60 }]);
  const silent = await broker.tail(room, 0, 1_000);
  expect(bytesOf(silent)).toBeGreaterThan(40_000);
  expect(bytesOf(silent)).toBeLessThan(150_000);
  for (let seq = 61; seq < 200; seq += 1) {
    await accept(broker, seq % 5 === 0 ? message(room, "small") : message(room, LARGE));
    await broker.publishMarks(0, [{ room, seq }]);
  }
  const kept = await broker.tail(room, 0, 1_000);
  expect(bytesOf(kept)).toBeGreaterThan(40_000);
  expect(bytesOf(kept)).toBeLessThan(150_000);
  expect(kept.map(({ seq }) => seq)).toEqual(
    Array.from({ length: kept.length }, (_none, at) => 200 - kept.length + at),
  );
});

test("G8 what is committed and kept for replay is bounded in bytes", async () => {
  const { broker, redis, keys } = openWithKeys({ replayWindowMs: 3_600_000, replayMaxBytes: 200_000 });
  const room = await openRoom(broker);
  await using log = await broker.openLog(0);
  let offset = "";
  for (let round = 0; round < 60; round += 1) {
    await accept(broker, ...large(room, 4));
    offset = (await log.read(offset, 100, 0)).at(-1)?.offset ?? offset;
    await log.trim(offset);
  }
  const kept = await log.read("", 1_000, 0);
  expect(bytesOf(kept)).toBeGreaterThan(150_000);
  expect(bytesOf(kept)).toBeLessThan(300_000);
  const [bytes, committed] = await redis.hmget(keys.counters(0), "bytes", "committed_bytes");
  expect(committed).toBe(bytes);
});

test("a room lives 30 days behind its last event; its tail an hour, once all of it is committed", async () => {
  const { broker, redis, keys } = openWithKeys();
  const room = await openRoom(broker);
  const lives = async () => Promise.all([redis.ttl(keys.head(room)), redis.ttl(keys.tail(room))]);
  await accept(broker, ...messages(room, 2));
  expect((await lives()).map((ttl) => ttl > 29 * DAY)).toEqual([true, true]);
  await broker.publishMarks(0, [{ room, seq: 1 }]);
  expect((await lives()).map((ttl) => ttl > 29 * DAY)).toEqual([true, true]);
  await broker.publishMarks(0, [{ room, seq: 2 }]);
  expect((await lives())[1]).toBeLessThanOrEqual(HOUR);
  await accept(broker, ...messages(room, 1));
  expect((await lives())[1]).toBeGreaterThan(29 * DAY);
});

test("G2 a tail that was committed to its end is not cut short under the events of a new epoch", async () => {
  const { broker, redis, keys } = openWithKeys();
  const room = await openRoom(broker);
  await accept(broker, ...messages(room, 2));
  await broker.publishMarks(0, [{ room, seq: 2 }]);
  await broker.initialise(room, { epoch: 2, head: 1_000_002, seen: 3 });
  expect((await accept(broker, message(room, "a"))).map(seqOf)).toEqual([1_000_003]);
  expect(await redis.ttl(keys.tail(room))).toBeGreaterThan(29 * DAY);
});

test("the log keeps what is committed for the replay window, and does not count it", async () => {
  const { broker } = openWithKeys({ backlogMaxEvents: 5, replayWindowMs: 60_000 });
  const room = await openRoom(broker);
  await using log = await broker.openLog(0);
  for (let round = 0; round < 3; round += 1) {
    await accept(broker, ...messages(room, 5));
    expect(await accept(broker, message(room, "too much"))).toEqual([{ state: "overloaded" }]);
    await log.trim((await log.read("", 100, 0)).at(-1)?.offset ?? "");
  }
  expect(await log.read("", 100, 0)).toHaveLength(15);
});

test("G1 a tail that cannot be written harms neither the numbers nor other rooms: a batch is in the log as a whole", async () => {
  const { broker, redis, keys } = openWithKeys();
  const [good, bad] = [await openRoom(broker), await openRoom(broker)];
  const [first, second, third] = [message(good, "a"), message(bad, "b"), message(good, "c")];
  await redis.set(keys.tail(bad), "not a stream");
  await expect(accept(broker, first, second, third)).rejects.toThrow(/WRONGTYPE/);
  expect(await broker.tail(good, 0, 10)).toHaveLength(2);
  await redis.del(keys.tail(bad));
  const results = await accept(broker, first, second, third, message(bad, "d"));
  expect(results.map(({ state }) => state)).toEqual(["duplicate", "duplicate", "duplicate", "accepted"]);
  expect(results.map(seqOf)).toEqual([1, 1, 2, 2]);
  await using log = await broker.openLog(0);
  expect(await log.read("", 10, 0)).toHaveLength(4);
});

test("G2 an event that did not reach the log is not recognised when it is sent again", async () => {
  const { broker, redis, keys } = openWithKeys();
  const room = await openRoom(broker);
  const request = message(room, "a");
  await redis.set(keys.log(0), "not a stream");
  await expect(accept(broker, request)).rejects.toThrow(/WRONGTYPE/);
  expect(await broker.tail(room, 0, 10)).toEqual([]);
  await redis.del(keys.log(0));
  expect((await accept(broker, request)).map(({ state }) => state)).toEqual(["accepted"]);
});

test("G6 a head that was lost alone is found again from the tail", async () => {
  const { broker, redis, keys } = openWithKeys();
  const room = await openRoom(broker);
  await accept(broker, ...messages(room, 3));
  await redis.del(keys.head(room));
  expect(await accept(broker, message(room, "a"))).toEqual([{ state: "uninitialised", head: 0 }]);
  expect(await broker.initialise(room, { epoch: 2, head: 0 })).toMatchObject({ epoch: 2, seq: 3 });
  expect((await accept(broker, message(room, "a"))).map(seqOf)).toEqual([4]);
});

test("people of a node go with its lease, and come back with it", async () => {
  const { broker, redis, keys } = openWithKeys();
  const { presence } = broker;
  const user = newId<UserId>();
  const info = { node: "one", connections: 1, rooms: 1, startedAt: 1 };
  await presence.renew(info);
  await presence.set("one", [user], true);
  const [name = ""] = await redis.zrange(keys.nodes, "0", "-1");
  expect(name).toMatch(/^one:/);
  for (const key of [keys.people(name), keys.nodeInfo(name)]) {
    const ms = await redis.pttl(key);
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThanOrEqual(10_000);
  }
  await redis.del(keys.people(name));
  expect(await presence.online([user])).toEqual([false]);
  await presence.renew(info);
  expect(await presence.online([user])).toEqual([true]);
});

test("every call stays in one slot: a Redis Cluster takes them all", async () => {
  const own = await startOwnRedis(onTestFinished, "--cluster-enabled", "yes");
  await own.admin.cluster("ADDSLOTSRANGE", 0, 16_383);
  await vi.waitFor(async () => expect(await own.admin.cluster("INFO")).toContain("cluster_state:ok"), {
    timeout: 10_000,
  });
  const broker = open(() => openOnRedis({ url: own.url }));
  const heard = record(broker);
  const [one, other, far] = [await openRoom(broker), await openRoom(broker), newRoom(1)];
  await broker.initialise(far, { epoch: 1, head: 0 });
  await broker.subscribe(one);
  await Promise.all([accept(broker, message(one, "a"), message(other, "b")), broker.accept(1, [message(far, "c")])]);
  await broker.publishMarks(
    0,
    [one, other].map((room) => ({ room, seq: 1 })),
  );
  await using log = await broker.openLog(0);
  await log.trim((await log.read("", 10, 0)).at(-1)?.offset ?? "");
  await broker.presence.renew({ node: "one", connections: 1, rooms: 1, startedAt: 1 });
  await broker.presence.set("one", [newId<UserId>()], true);
  expect(await broker.presence.nodes()).toHaveLength(1);
  await broker.presence.drop("one");
  expect(await broker.heads([one, other])).toMatchObject([{ durable: 1 }, { durable: 1 }]);
  await vi.waitFor(() => expect(heard.frames).toHaveLength(2));
});

test("G3 what is remembered counts by the clock of the log, whatever the clock of the process says", async () => {
  const { broker, redis } = openWithKeys();
  const room = await openRoom(broker);
  const [seconds] = await redis.time();
  const [young, old] = [message(room, "young"), message(room, "old")];
  const numbered = [
    { user: young.user, id: young.id, seq: 1, epoch: 1, at: Number(seconds) * 1_000 - 300_000 },
    { user: old.user, id: old.id, seq: 2, epoch: 1, at: Number(seconds) * 1_000 - 700_000 },
  ];
  const ahead = vi.spyOn(Date, "now").mockReturnValue(Date.now() + HOUR * 1_000);
  onTestFinished(() => ahead.mockRestore());
  await broker.remember(room, numbered);
  expect((await accept(broker, young, old)).map(({ state }) => state)).toEqual(["duplicate", "accepted"]);
});
