import type { RoomId } from "@hubbub/protocol";
import { killConnections, startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCutProxy } from "../../test/cut-proxy.ts";
import { accept, message, newRoom, open, openRoom, record, seqOf } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import type { Broker } from "../roles/broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

const on = (url: string, more = {}) => open(() => openOnRedis({ url, backlogMaxEvents: 10_000, ...more }));
const logLength = async (broker: Broker) => {
  await using log = await broker.openLog(0);
  return await log.lag("");
};

test("G3 an accept whose answer was lost is sent again and keeps its seq", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const proxy = await startCutProxy(redis.url);
  const broker = on(proxy.url);
  const room = await openRoom(broker);
  const [request, next] = [message(room, "needle"), message(room, "next")];
  proxy.loseAnswerTo("needle");
  const results = await accept(broker, request, next);
  expect(results.map(seqOf)).toEqual([1, 2]);
  expect(results.map(({ state }) => state)).toEqual(["duplicate", "duplicate"]);
  expect(await logLength(broker)).toBe(2);
  expect((await accept(broker, message(room, "after"))).map(seqOf)).toEqual([3]);
});

test("G2 G3 killed connections lose and double nothing", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const room = await openRoom(broker);
  let killed = 0;
  const results: number[] = [];
  for (let batch = 0; batch < 60; batch += 1) {
    const accepting = accept(broker, message(room, "a"), message(room, "b"));
    if (batch % 6 === 0) killed += await killConnections(redis, "hubbub-commands");
    results.push(...(await accepting).map(seqOf));
  }
  expect(killed).toBeGreaterThan(5);
  expect(results).toEqual(results.map((_seq, at) => at + 1));
  expect(await logLength(broker)).toBe(120);
});

test("G6 after a restart of Redis a room is numbered anew, above all that it knew", async () => {
  const redis = await startOwnRedis(onTestFinished, "--appendonly", "yes", "--appendfsync", "always");
  const broker = on(redis.url);
  const room = await openRoom(broker);
  const request = message(room, "before");
  await accept(broker, request, message(room, "before, too"));
  await redis.restart();
  expect(await accept(broker, message(room, "after"))).toEqual([{ state: "uninitialised", head: 2 }]);
  const { epoch, seq } = await broker.initialise(room, { epoch: 2, head: 1_000_002 });
  expect({ epoch, seq }).toEqual({ epoch: 2, seq: 1_000_002 });
  const [again, after] = await accept(broker, request, message(room, "after"));
  expect(again).toMatchObject({ state: "duplicate", epoch: 1, seq: 1 });
  expect(after).toMatchObject({ state: "accepted", epoch: 2, seq: 1_000_003 });
});

test("G6 after a loss of everything a room is unknown, and the log is read from its beginning", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const room = await openRoom(broker);
  await using log = await broker.openLog(0);
  await accept(broker, message(room, "lost"), message(room, "lost, too"));
  const committed = (await log.read("", 10, 0)).at(-1)?.offset ?? "";
  await redis.restart();
  expect(await accept(broker, message(room, "a"))).toEqual([{ state: "uninitialised", head: 0 }]);
  await broker.initialise(room, { epoch: 2, head: 1_000_000 });
  expect((await accept(broker, message(room, "b"))).map(seqOf)).toEqual([1_000_001]);
  await log.trim(committed);
  const entries = await vi.waitFor(() => log.read(committed, 10, 0));
  expect(entries.map(({ frame }) => JSON.parse(frame).seq)).toEqual([1_000_001]);
});

test("G2 G3 a flushed log has another name, though the same Redis runs on", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const room = await openRoom(broker);
  await using log = await broker.openLog(0);
  await accept(broker, message(room, "flushed"), message(room, "flushed, too"));
  const start = await broker.logStart(0);
  const committed = (await log.read("", 10, 0)).at(-1)?.offset ?? "";
  const waiting = log.read(committed, 10, 2_000);
  await redis.admin.flushall();
  await broker.initialise(room, { epoch: 2, head: 1_000_000 });
  expect(await broker.logStart(0)).not.toBe(start);
  await accept(broker, message(room, "a"));
  const between = await waiting;
  await accept(broker, message(room, "b"));
  // A read that waited may have brought what is new, but not under the new name.
  expect(between.every(({ offset }) => offset.startsWith(start.slice(0, start.indexOf("/"))))).toBe(true);
  await log.trim(committed);
  expect(await log.lag(committed)).toBe(2);
  const entries = await log.read(committed, 10, 0);
  expect(entries.map(({ frame }) => JSON.parse(frame).text)).toEqual(["a", "b"]);
  expect(entries.at(-1)?.offset.split("/")[0]).toBe((await broker.logStart(0)).split("/")[0]);
});

test("G3 a batch whose answer was lost with its Redis is not given to the next one unasked", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const proxy = await startCutProxy(redis.url);
  const broker = on(proxy.url, { prefix: "shared:" });
  const room = await openRoom(broker);
  const other = on(redis.url, { prefix: "shared:" });
  proxy.deafen();
  const accepting = accept(broker, message(room, "taken"));
  await vi.waitFor(async () => expect(await logLength(other)).toBe(1));
  await redis.restart();
  // Somebody else was quicker: the room is as good as new, and what was taken is forgotten.
  await other.initialise(room, { epoch: 2, head: 1_000_000 });
  expect(await accepting).toEqual([{ state: "uninitialised", head: 0 }]);
});

test("G8 a Redis that hangs is unavailable after the time that was set, and comes back by itself", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url, { acceptTimeoutMs: 1_000 });
  const room = await openRoom(broker);
  const request = message(room, "a");
  await redis.signal("SIGSTOP");
  const started = performance.now();
  await expect(accept(broker, request)).rejects.toThrow(BrokerUnavailable);
  expect(performance.now() - started).toBeLessThan(5_000);
  await redis.signal("SIGCONT");
  const [result] = await vi.waitFor(() => accept(broker, request));
  expect(seqOf(result)).toBe(1);
});

test("a Redis that is not there is unavailable, for every kind of call", async () => {
  const broker = on("redis://127.0.0.1:1", { acceptTimeoutMs: 100 });
  const calls = [
    accept(broker, message(newRoom(), "a")),
    broker.ping(),
    broker.heads([newRoom()]),
    broker.presence.nodes(),
  ];
  for (const call of calls) await expect(call).rejects.toThrow(BrokerUnavailable);
});

test("G9 a killed subscription is made again before anybody is told of the interruption", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const heard = record(broker);
  const rooms = Array.from({ length: 1_500 }, newRoom) as [RoomId, ...RoomId[]];
  await Promise.all(rooms.map((room) => broker.subscribe(room)));
  expect(await killConnections(redis, "hubbub-subscriber")).toBe(1);
  await vi.waitFor(() => expect(heard.interruptions).toBe(1));
  await Promise.all(rooms.map((room) => broker.publishSignal(room, "after")));
  await vi.waitFor(() => expect(heard.frames).toHaveLength(rooms.length));
  await broker.ping();
});

test("G9 who cannot subscribe is not well, though commands are answered", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const heard = record(broker);
  await broker.subscribe(newRoom());
  await broker.ping();
  await redis.admin.acl("SETUSER", "default", "-subscribe");
  await killConnections(redis, "hubbub-subscriber");
  await vi.waitFor(() => expect(broker.isDelivering).toBe(false));
  await redis.admin.acl("SETUSER", "default", "+subscribe");
  await vi.waitFor(() => expect(broker.isDelivering).toBe(true), { timeout: 3_000 });
  await vi.waitFor(() => expect(heard.interruptions).toBe(1));
});

test("rooms that came and went while the connection was away are as they should be", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const broker = on(redis.url);
  const heard = record(broker);
  const [left, kept, joined] = [newRoom(), newRoom(), newRoom()];
  await Promise.all([broker.subscribe(left), broker.subscribe(kept)]);
  await killConnections(redis, "hubbub-subscriber");
  await Promise.all([broker.unsubscribe(left), broker.subscribe(joined)]);
  await vi.waitFor(() => expect(heard.interruptions).toBe(1));
  for (const room of [left, kept, joined]) await broker.publishSignal(room, "x");
  await vi.waitFor(() => expect(heard.frames.map(({ room }) => room)).toEqual([kept, joined]));
});

test("G9 a subscription that is open and deaf is found within 5 s and made anew", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const proxy = await startCutProxy(redis.url);
  const broker = on(redis.url, { prefix: "shared:" });
  const listening = on(proxy.url, { prefix: "shared:" });
  const heard = record(listening);
  const room = await openRoom(broker);
  await listening.subscribe(room);
  const deafAt = performance.now();
  proxy.deafen();
  await vi.waitFor(() => expect(heard.interruptions).toBe(1), { timeout: 8_000 });
  expect(performance.now() - deafAt).toBeLessThan(5_500);
  await accept(broker, message(room, "after"));
  await vi.waitFor(() => expect(heard.frames).toHaveLength(1));
});
