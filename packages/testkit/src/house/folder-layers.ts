import { posix } from "node:path";
import { cyclesOf } from "./cycles.ts";
import type { SourcePackage } from "./source.ts";

/** The folders of a package's `src`, lowest first. A file imports from its own folder and from lower ones. */
const layers: Readonly<Record<string, readonly string[]>> = {
  broker: ["roles", "rates", "accept", "recovery", "memory", "redis"],
  gateway: ["connections", "limits", "rooms", "recovery", "handlers", "ws"],
};

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/**
 * What breaks the layers inside a package, one sentence each. Tests may import anything. Files directly in `src` have no
 * layer, but with the folders they must not form a cycle either, so a folder never imports what is made of it.
 */
export function folderFaults(packages: readonly SourcePackage[]): string[] {
  return packages.flatMap((source) => {
    const order = layers[source.name];
    if (order === undefined) return [];
    const arrows = arrowsInside(source);
    const ofFiles = cyclesOf(graphOf(arrows));
    const ofUnits = cyclesOf(graphOf(arrows.map(({ from, to }) => ({ from: unitOf(from), to: unitOf(to) }))));
    return [...unknownLayers(source, order), ...upwards(arrows, order), ...ofFiles, ...ofUnits].map(
      (fault) => `${source.name}: ${fault}`,
    );
  });
}

function unknownLayers({ files }: SourcePackage, order: readonly string[]): string[] {
  const inside = files.filter(({ path }) => isProduct(path)).map(({ path }) => withoutRoot(path));
  const folders = new Set(inside.filter((path) => path.includes("/")).map(unitOf));
  return [...folders].filter((folder) => !order.includes(folder)).map((folder) => `${folder}/ has no layer`);
}

function upwards(arrows: readonly Arrow[], order: readonly string[]): string[] {
  const layerOf = (path: string) => order.indexOf(unitOf(path));
  return arrows
    .filter(({ from, to }) => layerOf(from) !== -1 && layerOf(to) > layerOf(from))
    .map(({ from, to }) => `${from} imports ${to}: imports go to lower layers only`);
}

/** Relative imports of files that are no tests, by paths below `src`. */
function arrowsInside({ files }: SourcePackage): Arrow[] {
  return files
    .filter(({ path }) => isProduct(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => ({
          from: withoutRoot(path),
          to: withoutRoot(posix.join(posix.dirname(path), specifier)),
        })),
    );
}

/** Arrows from a unit to itself are no cycle. */
function graphOf(arrows: readonly Arrow[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of arrows) {
    if (from !== to) graph.set(from, (graph.get(from) ?? new Set<string>()).add(to));
  }
  return graph;
}

/** The folder directly below `src`, or the file. */
const unitOf = (path: string): string => path.split("/", 1).join("");
const withoutRoot = (path: string): string => path.replace(/^src\//, "");
const isProduct = (path: string): boolean => path.startsWith("src/") && !path.endsWith(".test.ts");
