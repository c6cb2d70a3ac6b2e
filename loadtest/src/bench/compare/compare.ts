import { join } from "node:path";
import type { Extent } from "../bench.ts";
import { loadAverages } from "../measure/machine-load.ts";
import { type BuildUnderTest, startBuild } from "./build-under-test.ts";
import { type LoadedBuild, type LoadedWindow, loadAccept, loadAppend, loadFanOut, loadPath, settle } from "./loads.ts";

/** The builds under one load, window by window. */
export interface ComparedLoad {
  readonly what: string;
  readonly each: string;
  /** Whether the build of now has to stay below the bound. */
  readonly isJudged: boolean;
  readonly pairs: readonly { readonly before: LoadedWindow; readonly after: LoadedWindow }[];
}

export interface Comparing {
  readonly directory: string;
  /** Of the build of before. */
  readonly root: string;
  readonly extent: Extent;
  /** Windows of each build and load in a round. */
  readonly windows: number;
  /** Loads with this text in their names; the empty text is in all. */
  readonly only: string;
  say(line: string): void;
}

type Builds = Readonly<Record<"before" | "after", BuildUnderTest>>;
type Pair = ComparedLoad["pairs"][number];

interface LoadKind {
  readonly what: string;
  readonly each: string;
  readonly isJudged: boolean;
  /** Before both builds get the load. */
  prepare?(builds: Builds): Promise<void>;
  open(build: BuildUnderTest, extent: Extent): Promise<LoadedBuild>;
}

const FAN_OUT = 2_000;
const PATH = 8_000;

function loadKinds(): LoadKind[] {
  const writers = new Map<BuildUnderTest, number>();
  const startWriters = async (builds: Builds, isIndexed: boolean): Promise<void> => {
    for (const build of [builds.before, builds.after]) {
      if (!writers.has(build)) writers.set(build, (await build.hubbub.start("writer")).pid);
      await settle(build.hubbub);
      await build.hubbub.people.setJournal(isIndexed);
    }
  };
  const path = (build: BuildUnderTest, extent: Extent): Promise<LoadedBuild> =>
    loadPath(build, extent, PATH, { name: "writer", roots: [writers.get(build) ?? 0] });
  return [
    { what: "store append, batches of 200", each: "row", isJudged: true, open: loadAppend },
    ...[1_000, 8_000].map((rate) => ({
      ...{ what: `accept, ${rate} msg/s`, each: "message", isJudged: true },
      open: (build: BuildUnderTest, extent: Extent) => loadAccept(build, extent, rate),
    })),
    {
      ...{ what: `fan-out, 500 connections, ${FAN_OUT} msg/s`, each: "delivery", isJudged: true },
      open: (build, extent) => loadFanOut(build, extent, FAN_OUT),
    },
    {
      ...{ what: `whole path, ${PATH} msg/s, without search`, each: "message", isJudged: true },
      prepare: (builds) => startWriters(builds, false),
      open: path,
    },
    {
      ...{ what: `whole path, ${PATH} msg/s, indexed for search`, each: "message", isJudged: false },
      prepare: (builds) => startWriters(builds, true),
      open: path,
    },
  ];
}

/** Rounds of fresh processes of both builds. In each, both get every load, and their windows alternate. */
export async function compareBuilds(comparing: Comparing): Promise<ComparedLoad[]> {
  const found = new Map<string, ComparedLoad & { pairs: Pair[] }>();
  for (let round = 0; round < comparing.extent.rounds; round++) {
    await using after = await startBuild(join(comparing.directory, `after-${round}`), null);
    await using before = await startBuild(join(comparing.directory, `before-${round}`), comparing.root);
    for (const { prepare, open, ...kind } of loadKinds()) {
      if (!kind.what.includes(comparing.only)) continue;
      comparing.say(`round ${round + 1}: ${kind.what}; load averages ${loadAverages()}`);
      await prepare?.({ before, after });
      const load = found.get(kind.what) ?? { ...kind, pairs: [] };
      found.set(kind.what, load);
      load.pairs.push(...(await alternate({ before, after }, open, comparing, round)));
    }
  }
  return [...found.values()];
}

async function alternate(
  builds: Builds,
  open: LoadKind["open"],
  { extent, windows }: Comparing,
  round: number,
): Promise<Pair[]> {
  await using before = await open(builds.before, extent);
  await using after = await open(builds.after, extent);
  await before.warmUp();
  await after.warmUp();
  const pairs: Pair[] = [];
  for (let window = 0; window < windows; window++) {
    if ((window + round) % 2 === 0) {
      const first = await before.window();
      pairs.push({ before: first, after: await after.window() });
    } else {
      const first = await after.window();
      pairs.push({ after: first, before: await before.window() });
    }
  }
  return pairs;
}
