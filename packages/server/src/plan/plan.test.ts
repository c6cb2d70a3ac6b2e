import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../settings.ts";
import { readBench } from "./bench-file.ts";
import { costAt, MEASURED } from "./figures.ts";
import { type Load, parseCount, parsePlanArguments } from "./load.ts";
import { planOf } from "./plan.ts";
import { planCommand } from "./plan-command.ts";

const MACHINE = { cores: 16, memoryBytes: 64 * 2 ** 30 };
const settings = parseSettings({});
const LOAD: Load = {
  ...{ online: 200_000, rooms: 20_000, perSecond: 3_000, meanPerSecond: 1_000, text: 200, days: 365, listeners: 30 },
};
const plan = (changed: Partial<Load> = {}, figures = MEASURED) =>
  planOf({ ...LOAD, ...changed }, MACHINE, figures, settings);

test("counts have suffixes, and sizes binary ones", () => {
  expect([parseCount("200k"), parseCount("1.5m"), parseCount("7")]).toEqual([200_000, 1_500_000, 7]);
  expect(["", "k", "-1", "0", "1e9", "9999999g", "1x"].map((text) => parseCount(text))).toEqual(Array(7).fill(null));
});

test("plan takes a load, and this machine where none is named", () => {
  const args = ["--online", "200k", "--rooms", "20k", "--per-second", "3000", "--memory", "32G"];
  expect(parsePlanArguments(args, MACHINE)).toMatchObject({
    load: LOAD,
    machine: { cores: 16, memoryBytes: 32 * 2 ** 30 },
    print: "text",
  });
});

test.each([["--online", "many"], ["--text", "0"], ["--json", "--compose"], ["now"], ["--rooms", ""]])(
  "plan %s %s is not understood",
  (...args) => {
    expect(parsePlanArguments(args, MACHINE)).toBeNull();
  },
);

test("a cost between two measured rates lies between theirs, and outside it is the nearest", () => {
  const points = [
    { perSecond: 1_000, micros: 100 },
    { perSecond: 4_000, micros: 25 },
  ];
  expect(costAt(points, 10)).toBe(100);
  expect(costAt(points, 2_000)).toBeCloseTo(50);
  expect(costAt(points, 99_999)).toBe(25);
});

test("one process of each kind may be lost, and no gateway has more connections than half its bound", () => {
  expect(plan({ online: 10, perSecond: 1 })).toMatchObject({ gateways: 2, apis: 2, writers: 2 });
  const { gateways } = plan();
  expect(LOAD.online / (gateways - 1)).toBeLessThanOrEqual(settings.CONNECTIONS_PER_NODE / 2);
  expect(plan({ online: 1_000_000 }).gateways).toBe(41);
});

test("deliveries and messages need gateways too, not connections alone", () => {
  expect(plan({ online: 100, listeners: 100, perSecond: 31_000 }).gateways).toBeGreaterThan(20);
  expect(plan({ online: 100, listeners: 1, perSecond: 10_000 }).gateways).toBeGreaterThan(
    plan({ online: 100, listeners: 1, perSecond: 100 }).gateways,
  );
});

test("Redis has the sum of redis.conf and a quarter for the rest", () => {
  const { shards, redis } = plan({ rooms: 2_000, perSecond: 2_000, online: 10 });
  expect(shards).toBe(8);
  const sum = 8 * (134_217_728 * 2.5 + 67_108_864 * 1.25) + 655_360_000 + 480_000_000;
  expect(redis.maxBytes).toBeCloseTo(sum * 1.25);
});

test("rows, WAL and backups grow with the days, and the bound that comes first is first", () => {
  const [year, decade] = [plan(), plan({ days: 3_650 })];
  expect(year.postgres.rows).toBe(1_000 * 86_400 * 365);
  expect(decade.postgres.rowBytes).toBeCloseTo(10 * year.postgres.rowBytes);
  expect(decade.postgres.walBytesPerDay).toBe(year.postgres.walBytesPerDay);
  expect(decade.backups.bytesPerTarget).toBeGreaterThan(10 * year.backups.bytesPerTarget);
  const rates = year.bounds.map(({ perSecond }) => perSecond);
  expect(rates).toEqual([...rates].sort((a, b) => a - b));
  const slow = planOf(LOAD, { ...MACHINE, cores: 1 }, { ...MEASURED, postgresMicros: 1_000 }, settings);
  expect(slow.bounds[0]).toMatchObject({ name: "1 cores of Postgres", perSecond: 500 });
});

const BENCH = {
  machine: { cpu: "Other", cores: 8, memoryGiB: 32 },
  groups: [
    {
      ...{ name: "accept", date: "2027-01-02T00:00:00Z", rows: [] },
      notes: [
        "accept, 1000 msg/s, Hubbub: cores; 1000 acked/s; gateway 200 µs + Redis 90 µs per message; by round",
        "accept, 8000 msg/s, Hubbub: cores; 8000 acked/s; gateway 50 µs + Redis 20 µs per message; by round",
        "accept, 8000 msg/s, Hubbub GATHER_MAX_MS=0: cores; 7998 acked/s; gateway 83 µs + Redis 47 µs per message",
      ],
    },
    {
      ...{ name: "store", date: "2027-01-01T00:00:00Z", notes: ["CPU per row: writer 9 µs, Postgres 7.5 µs"] },
      rows: [{ what: "store, from a full log", unit: "rows/s", hubbub: "90.5 k" }],
    },
  ],
};

test("--bench takes the figures that a bench.json has, and says which", () => {
  const figures = readBench(JSON.stringify(BENCH));
  expect(figures).toMatchObject({ date: "2027-01-02", writerRowsPerSecond: 90_500, postgresMicros: 7.5 });
  expect(figures.gateway.map(({ micros }) => micros)).toEqual([200, 50]);
  expect(figures.deliveriesPerCpuSecond).toBe(MEASURED.deliveriesPerCpuSecond);
  expect(figures.machine).toContain("from the file: writerRowsPerSecond, postgresMicros, gateway, redis");
  expect(() => readBench("{}")).toThrow("no bench.json");
  expect(() => readBench("x")).toThrow("no bench.json");
});

test("the plan is printed for people, programs, compose and Postgres", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-plan-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const bench = join(directory, "bench.json");
  await writeFile(bench, JSON.stringify(BENCH));
  const print = (how: "text" | "json" | "compose" | "postgres") =>
    planCommand(settings, { load: LOAD, machine: MACHINE, print: how, bench });
  expect(await print("text")).toMatch(/gateways +\d+[\s\S]*the bound that comes first: [\s\S]*2027-01-02/);
  expect(JSON.parse(await print("json"))).toMatchObject({ load: LOAD, plan: { writers: 2, shards: 8 } });
  expect(await print("compose")).toMatch(/^GATEWAYS=\d+\nAPIS=\d+\nWRITERS=2$/m);
  const conf = await print("postgres");
  expect(conf).toContain("shared_buffers = 16384MB");
  expect(conf).toMatch(/^max_connections = \d+0$/m);
});
