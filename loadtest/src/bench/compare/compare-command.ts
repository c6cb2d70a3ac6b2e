import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres, startRedis } from "@hubbub/testkit";
import { STANDARD } from "../bench.ts";
import { describeMachine, describeVersions } from "../measure/machine.ts";
import { loadAverages } from "../measure/machine-load.ts";
import { BadOptions, milliseconds, whole } from "../options.ts";
import { type Comparing, compareBuilds } from "./compare.ts";
import { compareMarkdown, compareTable } from "./compare-report.ts";
import { buildCommit, describeCommit } from "./older-build.ts";

export const COMPARE_USAGE = `usage: npm run bench -- compare [--rounds N] [--windows N] [--warmup S] [--window S] [--only TEXT] [--out DIR] COMMIT

Builds COMMIT in a temporary directory, and measures CPU of that build and of this one in turn.
--only: loads with TEXT in their names. Writes compare.md into DIR; without --out the report is only printed.
`;

type Extent = Pick<Comparing, "extent" | "windows" | "only">;

const TEXT = { type: "string" } as const;
const OPTIONS = { rounds: TEXT, windows: TEXT, warmup: TEXT, window: TEXT, only: TEXT, out: TEXT } as const;
const DEFAULTS = { rounds: "3", windows: "2", warmup: "4", window: "4" };

/** `npm run bench -- compare`. @throws BadOptions */
export async function compareCommand(args: readonly string[], say: (line: string) => void): Promise<void> {
  const { commit, out, ...extent } = read(args);
  const averages = loadAverages();
  say(`building ${await describeCommit(commit)}`);
  await using older = await buildCommit(commit);
  const directory = await mkdtemp(join(tmpdir(), "hubbub-compare-"));
  try {
    const loads = await compareBuilds({ ...extent, directory, root: older.root, say });
    const report = compareMarkdown({
      machine: describeMachine(),
      versions: await versions(),
      before: older.commit,
      after: await describeCommit("HEAD"),
      loadAverages: [averages, loadAverages()],
      conditions: conditionsOf(extent),
      loads,
    });
    console.log(out === null ? report : compareTable(loads).join("\n"));
    if (out === null) return;
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "compare.md"), report);
    say(`saved ${out}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function conditionsOf({ extent: { rounds, warmupMs, windowMs }, windows }: Extent): string {
  return `${rounds} rounds. In each, gateways, Redis, writer and Postgres of both builds are fresh, get the same loads from the same generator, and have ${windows} windows of ${windowMs / 1_000} s of each load in turn, after ${warmupMs / 1_000} s of warm-up. A ratio is the geometric mean of the pairs of windows, ± twice its standard error; *pairs* has their number, the lowest and the highest; *unclear*: noise could turn the answer. What each load is: [README](../README.md#before-and-after).`;
}

function read(args: readonly string[]): Extent & { commit: string; out: string | null } {
  const { values, positionals } = parse(args);
  const [commit, ...more] = positionals;
  if (commit === undefined || more.length > 0) throw new BadOptions("compare takes one commit");
  const texts = { ...DEFAULTS, ...values };
  return {
    commit,
    out: values.out ?? null,
    only: values.only ?? "",
    windows: whole("windows", texts.windows),
    extent: {
      ...STANDARD,
      rounds: whole("rounds", texts.rounds),
      warmupMs: milliseconds("warmup", texts.warmup),
      windowMs: milliseconds("window", texts.window),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new BadOptions(error instanceof Error ? error.message : String(error));
  }
}

async function versions(): ReturnType<typeof describeVersions> {
  await using redis = await startRedis({ durable: false });
  await using postgres = await startPostgres();
  return await describeVersions(redis.url, postgres.url);
}
