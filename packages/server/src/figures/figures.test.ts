import { createMemoryBroker } from "@hubbub/broker";
import { newId, type RoomId } from "@hubbub/protocol";
import { toldNode } from "@hubbub/protocol/http-figures";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readSettings } from "../settings.ts";
import { figuresBetween, quantile } from "./figures-between.ts";
import { Minute } from "./minute.ts";
import { type Reading, readFigures } from "./reading.ts";
import { TopRooms } from "./top-rooms.ts";
import { watchFigures } from "./watch-figures.ts";

const NONE = { connections: 0, rooms: 0, memory: 0, unstored: 0, lag: 0 };
const reading = (at: number, given: Partial<Reading> = {}): Reading => ({
  ...{ at, states: NONE, totals: { accepted: 0, delivered: 0, stored: 0, refused: 0 } },
  ...{ cpuMs: 0, busyMs: 0, idleMs: at, acks: [] },
  ...given,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("figures are what happened between two readings, by the second", () => {
  const from = reading(1_000, {
    cpuMs: 100,
    busyMs: 200,
    idleMs: 800,
    acks: [
      [1, 4],
      [5, 4],
      [Infinity, 4],
    ],
  });
  const to = reading(3_000, {
    states: { ...NONE, connections: 7 },
    totals: { accepted: 30, delivered: 300, stored: 0, refused: 1 },
    cpuMs: 1_100,
    busyMs: 1_200,
    idleMs: 1_800,
    acks: [
      [1, 54],
      [5, 104],
      [Infinity, 104],
    ],
  });
  expect(figuresBetween(from, to)).toEqual({
    ...{ ...NONE, connections: 7 },
    ...{ accepted: 15, delivered: 150, stored: 0, refused: 0.5, cpu: 0.5, loop: 0.5, acceptP50: 1, acceptP99: 4.92 },
  });
  expect(figuresBetween(to, { ...to, at: 4_000 })).not.toHaveProperty("acceptP50");
});

test("a time beyond the last bound counts as that bound", () => {
  expect(
    quantile(0.99, [
      [10, 1],
      [Infinity, 100],
    ]),
  ).toBe(10);
  expect(
    quantile(0.5, [
      [10, 0],
      [20, 2],
      [Infinity, 2],
    ]),
  ).toBe(15);
  expect(quantile(0.5, [])).toBeUndefined();
});

test("a process reads what it counts, whatever its roles", async () => {
  vi.useRealTimers();
  const metrics = createMetrics();
  metrics.gauge("connections", "x", () => 4);
  metrics.counter("refusals_total", "x", ["code"]).inc({ code: "overloaded" }, 2);
  metrics.counter("writer_rows_total", "x").inc(9);
  metrics.total("deliveries_total", "x", () => 50);
  metrics.histogram("accept_ms", "x", [1, 5]).observe(3);
  const read = await readFigures(metrics, 11);
  expect(read.states).toMatchObject({ connections: 4, rooms: 0, lag: 0 });
  expect(read.totals).toEqual({ accepted: 11, delivered: 50, stored: 9, refused: 2 });
  expect(read.acks).toEqual([
    [1, 0],
    [5, 1],
    [Infinity, 1],
  ]);
});

test("the sketch of rooms has a bound, and finds the rooms with the most events among many", () => {
  const rooms = new TopRooms();
  for (let round = 0; round < 2_000; round += 1) {
    rooms.note([{ room: "hot" }]);
    if (round % 2 === 0) rooms.note([{ room: "warm" }]);
    rooms.note([{ room: `rare ${round}` }]);
  }
  rooms.note([]);
  expect(rooms.total).toBe(5_000);
  const counts = rooms.take();
  expect(counts).toHaveLength(50);
  expect(counts.slice(0, 2).map(([room]) => room)).toEqual(["hot", "warm"]);
  expect(counts[0]?.[1]).toBe(2_000);
  expect(rooms.take()).toEqual([]);
});

test("one event of a batch counts for all of it", () => {
  const rooms = new TopRooms();
  for (let round = 0; round < 2_000; round += 1)
    rooms.note([{ room: "a" }, { room: "a" }, { room: "a" }, { room: "b" }]);
  const counts = new Map(rooms.take());
  expect((counts.get("a") ?? 0) + (counts.get("b") ?? 0)).toBe(8_000);
  expect(counts.get("a")).toBeGreaterThan(5_000);
  expect(counts.get("b")).toBeGreaterThan(1_000);
});

test("a minute has the mean of states, rates over its time, and ten rooms", () => {
  const minute = new Minute(120_500, reading(0));
  expect(minute.end()).toBeNull();
  expect(minute.isOver(179_999)).toBe(false);
  expect(minute.isOver(180_000)).toBe(true);
  minute.add(reading(1_000, { states: { ...NONE, connections: 1 } }));
  minute.add(
    reading(2_000, {
      states: { ...NONE, connections: 3 },
      totals: { accepted: 8, delivered: 0, stored: 0, refused: 0 },
    }),
  );
  for (let room = 0; room < 30; room += 1) minute.addRooms([[`${room}`, room]]);
  const ended = minute.end();
  expect(ended?.minute).toEqual(new Date(120_000));
  expect(ended?.figures).toMatchObject({ connections: 2, accepted: 4 });
  expect(Object.keys(ended?.busiest ?? {})).toHaveLength(10);
  expect(ended?.busiest["29"]).toBe(14.5);
});

test("a process tells its figures each second, stores each minute, and is forgotten when it ends; a store that is away stops nothing", async () => {
  vi.setSystemTime(60_000_000);
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 100, durableAccept: false });
  const rows: object[] = [];
  const put = async (row: object) => {
    rows.push(row);
    throw new Error("away");
  };
  const { settings } = readSettings({ NODE_NAME: "one" });
  const state = { isDraining: false };
  const watch = watchFigures({
    settings,
    parts: { broker, store: { stats: { put } as never } },
    metrics: createMetrics(),
    readiness: { isReady: true },
    isDraining: () => state.isDraining,
    log: createLogger({ level: "silent", node: "one" }),
  });
  const told = async () => (await broker.presence.figures.told()).map(({ text }) => toldNode.parse(JSON.parse(text)));
  const room = newId<RoomId>();
  for (let second = 0; second < 11; second += 1) {
    await broker.accept(0, [{ room, user: newId(), id: newId(), body: "{}", seen: 0 }]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(await told()).toMatchObject([
    { node: "one", roles: ["gateway", "api", "flows", "jobs", "writer"], state: "ready", figures: { accepted: 1 } },
  ]);
  expect((await told())[0]?.busiest).toEqual([{ room, perSecond: 1 }]);
  state.isDraining = true;
  await vi.advanceTimersByTimeAsync(50_000);
  expect(await told()).toMatchObject([{ state: "draining", figures: { accepted: 0 } }]);
  expect(rows).toMatchObject([{ node: "one", minute: new Date(60_000_000), busiest: { [room]: expect.any(Number) } }]);
  await watch[Symbol.asyncDispose]();
  expect(await told()).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await told()).toEqual([]);
});
