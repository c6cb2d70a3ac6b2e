import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, startRedis } from "@hubbub/testkit";
import type { Bench, Measurement } from "./bench.ts";
import { describeMachine, describeVersions } from "./measure/machine.ts";
import type { BenchGroup } from "./measure/result.ts";
import { saveReport, tableOf } from "./report.ts";
import { measureAccept } from "./rows/accept.ts";
import { measureFanOut } from "./rows/fan-out.ts";
import { measureLatency } from "./rows/latency.ts";
import { measureMemory } from "./rows/memory.ts";
import { measureStore } from "./rows/store.ts";
import { measureWholePath } from "./rows/whole-path.ts";

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  "fan-out": measureFanOut,
  accept: measureAccept,
  store: measureStore,
  path: measureWholePath,
  latency: measureLatency,
  memory: measureMemory,
};
const NAMES = Object.keys(MEASUREMENTS);

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no such row: ${unknown.join(", ")}; there are ${NAMES.join(", ")}, and none named runs all\n`,
    );
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const say = (line: string): void => console.error(`[${elapsed(started)}] ${line}`);
  const directory = await mkdtemp(join(tmpdir(), "hubbub-bench-"));
  try {
    await using postgres = await startPostgres();
    const groups = await measure({ postgres, directory, say }, asked.length === 0 ? NAMES : asked);
    await saveReport({ machine: describeMachine(), versions: await versionsWith(postgres.url), groups }, NAMES);
    console.log(tableOf(groups.flatMap(({ rows }) => rows)).join("\n"));
    say("saved loadtest/results/bench.md and bench.json");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(bench: Bench, names: readonly string[]): Promise<BenchGroup[]> {
  const groups: BenchGroup[] = [];
  for (const [name, measurement] of Object.entries(MEASUREMENTS)) {
    if (names.includes(name)) groups.push(await measurement(bench));
  }
  return groups;
}

async function versionsWith(databaseUrl: string): ReturnType<typeof describeVersions> {
  await using redis = await startRedis({ durable: false });
  return await describeVersions(redis.url, databaseUrl);
}

function elapsed(since: number): string {
  const seconds = Math.round((performance.now() - since) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

await main(process.argv.slice(2));
