import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgres, startRedis } from "@hubbub/testkit";
import { CENTRIFUGO_VERSION, provideCentrifugo } from "../centrifugo-binary.ts";
import type { Bench, Measurement } from "./bench.ts";
import { COMPARE_USAGE, compareCommand } from "./compare/compare-command.ts";
import { describeMachine, describeVersions } from "./measure/machine.ts";
import { loadAverages } from "./measure/machine-load.ts";
import { describeOwnCommit } from "./measure/origin.ts";
import type { BenchGroup } from "./measure/result.ts";
import { BadOptions, type Options, readOptions, USAGE } from "./options.ts";
import { saveReport, sectionOf, tableOf } from "./report.ts";
import { measureAccept } from "./rows/accept.ts";
import { measureFanOut } from "./rows/fan-out.ts";
import { measureLatency } from "./rows/latency.ts";
import { measureMemory } from "./rows/memory.ts";
import { measureOverload } from "./rows/overload.ts";
import { measurePage } from "./rows/page.ts";
import { measureSearch } from "./rows/search.ts";
import { measureStore } from "./rows/store.ts";
import { measureStorm } from "./rows/storm.ts";
import { measureWholePath } from "./rows/whole-path.ts";

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  "fan-out": measureFanOut,
  accept: measureAccept,
  store: measureStore,
  path: measureWholePath,
  latency: measureLatency,
  memory: measureMemory,
  storm: measureStorm,
  search: measureSearch,
  page: measurePage,
  overload: measureOverload,
};
const NAMES = Object.keys(MEASUREMENTS);
const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));

const STARTED = performance.now();

async function main(options: Options): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-bench-"));
  try {
    await using postgres = await startPostgres();
    const commit = await describeOwnCommit();
    const groups = await measure({ ...benchOf(options), postgres, directory, say }, options.rows);
    const versions = await versionsWith(postgres.url);
    const report = { commit, machine: describeMachine(), versions, groups };
    console.log(tableOf(groups.flatMap(({ rows }) => rows)).join("\n"));
    if (options.out === null) {
      console.log(groups.flatMap((group) => sectionOf(group)).join("\n"));
      say("not saved: the run is not a standard one and --out was not given");
      return;
    }
    await saveReport(options.out, report, NAMES);
    say(`saved ${options.out}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function benchOf({ extent, without }: Options): Pick<Bench, "extent" | "wants" | "centrifugo"> {
  let binary: Promise<string> | undefined;
  return {
    extent,
    wants: (contender) => !without.some((part) => contender.toLowerCase().includes(part)),
    centrifugo: () => (binary ??= provideCentrifugo()),
  };
}

async function measure(bench: Bench, names: readonly string[]): Promise<BenchGroup[]> {
  const groups: BenchGroup[] = [];
  for (const [name, measurement] of Object.entries(MEASUREMENTS)) {
    if (!names.includes(name)) continue;
    const before = loadAverages();
    const group = await measurement(bench);
    groups.push({ ...group, machine: `Load averages before: ${before}; after: ${loadAverages()}.` });
  }
  return groups;
}

async function versionsWith(databaseUrl: string): ReturnType<typeof describeVersions> {
  await using redis = await startRedis({ durable: false });
  return { ...(await describeVersions(redis.url, databaseUrl)), centrifugo: CENTRIFUGO_VERSION };
}

function say(line: string): void {
  const seconds = Math.round((performance.now() - STARTED) / 1_000);
  console.error(`[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}] ${line}`);
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === "compare") await compareCommand(args, say);
  else await main(readOptions(process.argv.slice(2), NAMES, RESULTS));
} catch (error) {
  if (!(error instanceof BadOptions)) throw error;
  process.stderr.write(`${error.message}\n\n${command === "compare" ? COMPARE_USAGE : USAGE}`);
  process.exitCode = 2;
}
