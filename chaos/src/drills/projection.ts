import { compareFolds } from "../checker/compare-folds.ts";
import type { Load } from "./load.ts";
import type { World } from "./world.ts";

/** Codes of `verify` about the projection. */
const OF_PROJECTION = /^(state-.+|text-left|text-gone|mentions)$/;

export interface ProjectionVerdict {
  /** Messages whose state is not the fold of their events. */
  readonly differences: number;
  readonly examples: readonly string[];
  /** Faults that `verify` found besides. */
  readonly faults: readonly string[];
  /** Changes of a seq that has no message: it was renumbered with the loss of a log. */
  readonly adrift: number;
}

interface Verified {
  readonly faults: Readonly<Record<string, { readonly count: number; readonly examples: readonly string[] }>>;
  readonly notes: Readonly<Record<string, { readonly count: number } | undefined>>;
}

const NOTHING: Verified = { faults: {}, notes: {} };

interface How {
  readonly isSetBack: boolean;
  /** Whether `hubbub verify` looks at all that the cluster has stored. */
  readonly verifies: boolean;
}

/** The projection against a fold of all events: by `hubbub verify`, by the pages of history, and by what clients received. */
export async function judgeProjection(world: World, load: Load, how: How): Promise<ProjectionVerdict> {
  const folds = await compareFolds(load.members, how.isSetBack ? new Map() : load.folds);
  const { faults, notes } = how.verifies ? await verifyWorld(world) : NOTHING;
  const told = Object.entries(faults).map(([code, { count, examples }]) => {
    const isOfProjection = OF_PROJECTION.test(code);
    return { code, count, isOfProjection, text: `verify: ${count} ${code}: ${examples[0] ?? ""}` };
  });
  const ofProjection = told.filter(({ isOfProjection }) => isOfProjection);
  return {
    differences: folds.count + ofProjection.reduce((sum, { count }) => sum + count, 0),
    examples: [...folds.examples, ...ofProjection.map(({ text }) => text)],
    faults: told.filter(({ isOfProjection }) => !isOfProjection).map(({ text }) => text),
    adrift: notes["adrift"]?.count ?? 0,
  };
}

/** The command exits with 1 when it has found faults, and prints them all the same. An embedded server is not looked at. */
export async function verifyWorld({ cluster }: Pick<World, "cluster">): Promise<Verified> {
  if (cluster === null) return NOTHING;
  const text = await cluster.command("verify", "--json").catch((error: unknown) => {
    const { stdout, code }: { stdout?: unknown; code?: unknown } = Object(error);
    if (code === 1 && typeof stdout === "string") return stdout;
    throw error;
  });
  return JSON.parse(text) as Verified;
}
