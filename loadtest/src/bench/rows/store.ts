import { setTimeout as sleep } from "node:timers/promises";
import { createTestDatabase } from "@hubbub/testkit";
import { runHubbubCommand } from "../../hubbub-process.ts";
import type { Bench } from "../bench.ts";
import type { MachineUse } from "../measure/machine-load.ts";
import { cpuSeconds } from "../measure/process-usage.ts";
import { type BenchGroup, compare } from "../measure/result.ts";
import { readUsage, type Usage, usageBetween } from "../measure/usage.ts";
import { generate } from "../under-test/generator.ts";
import { type Hubbub, startHubbub } from "../under-test/hubbub.ts";
import { hubbubMembers, roomsOfFourPlan } from "./rooms-of-four.ts";
import { insertSingly, readEvents } from "./single-inserts.ts";

const FILL_MS = 10_000;
const FILL_IN_FLIGHT = 8;
const FILL_DRAIN_MS = 20_000;
const POLL_MS = 50;
const STORED_DEADLINE_MS = 60_000;
const SINGLE_ROWS = 100_000;
const SINGLE_MS = 6_000;
const PARALLEL = 10;
const TARGET = { direction: "at least", factor: 15 } as const;

/** A writer that finds a full log, against the same rows inserted one by one. */
export async function measureStore(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  bench.say("store: filling a log without a writer");
  await using hubbub = await startHubbub(bench, { gateways: 1, writers: 0 });
  const acked = await fillLog(hubbub);
  bench.say(`store: a writer takes ${acked} rows`);
  const written = await write(hubbub, acked);
  bench.say("store: single inserts of the same rows");
  const rows = await readEvents(hubbub.databaseUrl, SINGLE_ROWS);
  const one = await singly(bench, rows, 1);
  const ten = await singly(bench, rows, PARALLEL);
  const comparison = {
    unit: "rows/s",
    hubbub: { value: written.rowsPerSecond, runs: [written] },
    loss: written.stored === acked ? null : `${written.stored} of ${acked} acked messages stored`,
    print: (value: number) => `${(value / 1e3).toFixed(1)} k`,
  };
  return {
    name: "store",
    title: "Store",
    date: new Date().toISOString(),
    conditions: [
      `one writer, started when ${acked} messages lie in the logs of all shards; timed from its first commit that is seen to the last row`,
      "single inserts: one prepared INSERT of one row per transaction into the same table of a fresh database, one after the other; by a pool of ten connections for comparison",
      `Postgres commits safely for both: ${await hubbub.people.durability()}`,
    ],
    rows: [
      compare({
        ...comparison,
        what: "store, from a full log",
        baseline: { name: "single inserts", ...one },
        target: TARGET,
      }),
      compare({
        ...comparison,
        what: "store, from a full log",
        baseline: { name: `single inserts on ${PARALLEL} connections`, ...ten },
        target: null,
      }),
    ],
    notes: [
      `the writer took ${written.seconds.toFixed(2)} s; CPU per row: writer ${written.writerMicroseconds.toFixed(1)} µs, Postgres ${written.postgresMicroseconds.toFixed(1)} µs; the writer's start and the counting of rows included`,
    ],
  };
}

async function fillLog(hubbub: Hubbub): Promise<number> {
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const plan = roomsOfFourPlan("hubbub", gateway.port, await hubbubMembers(hubbub.people));
  const drive = { closed: FILL_IN_FLIGHT };
  const result = await generate(plan, { drive, warmupMs: 0, windowMs: FILL_MS, drainMs: FILL_DRAIN_MS, groups: [] });
  return result.total.acked;
}

interface Written {
  readonly rowsPerSecond: number;
  readonly seconds: number;
  readonly stored: number;
  readonly writerMicroseconds: number;
  readonly postgresMicroseconds: number;
  readonly machine: MachineUse;
}

async function write(hubbub: Hubbub, wanted: number): Promise<Written> {
  const starting = hubbub.start("writer");
  const first = await until(hubbub, (stored) => stored > 0);
  const done = await until(hubbub, (stored) => stored >= wanted);
  const writer = await starting;
  const end = { ...done.usage, cpu: { ...done.usage.cpu, ...cpuSeconds([{ name: "writer", roots: [writer.pid] }]) } };
  const { seconds, cpu, machine } = usageBetween(first.usage, end);
  return {
    rowsPerSecond: (done.stored - first.stored) / seconds,
    seconds,
    stored: done.stored,
    writerMicroseconds: ((cpu["writer"] ?? 0) / wanted) * 1e6,
    postgresMicroseconds: ((cpu["postgres"] ?? 0) / wanted) * 1e6,
    machine,
  };
}

interface Seen {
  readonly stored: number;
  readonly usage: Usage;
}

async function until(hubbub: Hubbub, test: (stored: number) => boolean): Promise<Seen> {
  const deadline = performance.now() + STORED_DEADLINE_MS;
  for (;;) {
    const stored = await hubbub.people.storedEvents();
    if (test(stored) || performance.now() > deadline) return { stored, usage: readUsage([hubbub.postgres]) };
    await sleep(POLL_MS);
  }
}

interface Inserted {
  /** Rows a second. */
  readonly value: number;
  readonly runs: readonly { readonly machine: MachineUse }[];
}

async function singly(bench: Bench, rows: readonly (readonly unknown[])[], connections: number): Promise<Inserted> {
  await using database = await createTestDatabase(bench.postgres.url);
  await runHubbubCommand(["migrate"], { DATABASE_URL: database.url });
  const groups = [
    { name: "postgres", roots: [bench.postgres.pid] },
    { name: "inserting", roots: [process.pid] },
  ];
  const before = readUsage(groups);
  const value = await insertSingly(database.url, rows, connections, SINGLE_MS);
  return { value, runs: [{ machine: usageBetween(before, readUsage(groups)).machine }] };
}
