import { Socket } from "node:net";
import type { RoomId } from "@hubbub/protocol";
import { startOwnRedis } from "@hubbub/testkit";
import { Redis } from "ioredis";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCutProxy } from "../../test/cut-proxy.ts";
import { message, newRoom, open, SHARDS, seqOf } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { createKeys } from "../keys.ts";
import type { Broker } from "../roles/broker.ts";

const PREFIX = "test:shared:";
const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

/** A broker on this Redis, and a room of each shard with an epoch. */
async function openRooms(url: string): Promise<{ broker: Broker; rooms: readonly RoomId[] }> {
  const broker = open(() => openOnRedis({ url, prefix: PREFIX, backlogMaxEvents: 10_000 }));
  const rooms = shards.map(newRoom);
  await Promise.all(rooms.map((room) => broker.initialise(room, { epoch: 1, head: 0 })));
  return { broker, rooms };
}

const acceptAll = (broker: Broker, rooms: readonly RoomId[], text = "a", each = 1) =>
  Promise.allSettled(
    rooms.map((room, shard) =>
      broker.accept(
        shard,
        Array.from({ length: each }, () => message(room, text)),
      ),
    ),
  );

async function startRedis() {
  const { url } = await startOwnRedis(onTestFinished);
  const redis = new Redis(url);
  onTestFinished(() => redis.disconnect());
  const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  return { url, redis, calls };
}

test("batches of all shards that leave in one turn share a call, and a large batch has its own", async () => {
  const { url, calls } = await startRedis();
  const { broker, rooms } = await openRooms(url);
  await acceptAll(broker, rooms);
  const before = await calls();
  const results = await acceptAll(broker, rooms);
  expect(await calls()).toBe(before + 1);
  expect(results.map(({ status }) => status)).toEqual(shards.map(() => "fulfilled"));
  await acceptAll(broker, rooms, "a", 300);
  expect(await calls()).toBe(before + 1 + SHARDS);
});

test("batches are written in the turn of the event loop in which they leave, and not one later", async () => {
  const { url } = await startRedis();
  const { broker, rooms } = await openRooms(url);
  await acceptAll(broker, rooms);
  const written = vi.spyOn(Socket.prototype, "_write");
  onTestFinished(() => written.mockRestore());
  const results = acceptAll(broker, rooms);
  for (let microtask = 0; microtask < 100; microtask += 1) await null;
  expect(written).toHaveBeenCalledTimes(1);
  await results;
});

test("G1 a key of a wrong type in one shard harms no batch of another in the same call", async () => {
  const { url, redis } = await startRedis();
  const { broker, rooms } = await openRooms(url);
  await redis.set(createKeys(PREFIX, SHARDS).log(1), "not a stream");
  const results = await acceptAll(broker, rooms);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { message: expect.stringContaining("WRONGTYPE") } });
});

test("G3 when the answer to a shared call was lost, every batch in it is sent again and keeps its seqs", async () => {
  const { url } = await startRedis();
  const proxy = await startCutProxy(url);
  const { broker, rooms } = await openRooms(proxy.url);
  proxy.loseAnswerTo("needle");
  const results = await acceptAll(broker, rooms, "needle");
  const answers = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  expect(answers.map(({ state }) => state)).toEqual(shards.map(() => "duplicate"));
  expect(answers.map(seqOf)).toEqual(shards.map(() => 1));
});
