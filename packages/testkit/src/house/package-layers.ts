import { builtinModules } from "node:module";
import { posix } from "node:path";
import { cyclesOf } from "./cycles.ts";
import type { Import } from "./imports.ts";
import type { SourceFile, SourcePackage } from "./source.ts";

/** The packages by layer. A package imports from lower layers only, never from its own. */
const layers: Readonly<Record<string, number>> = {
  protocol: 1,
  query: 1,
  runtime: 1,
  broker: 2,
  store: 2,
  files: 2,
  observe: 2,
  testkit: 2,
  chat: 3,
  search: 3,
  flows: 4,
  jobs: 4,
  gateway: 4,
  api: 4,
  writer: 4,
  client: 4,
  verify: 5,
  backup: 5,
  cli: 5,
  web: 5,
  server: 6,
  conformance: 4,
  chaos: 7,
};

/** Consists of tests: sees the testkit everywhere. */
const testSide = new Set(["chaos"]);

/** What runs at the user's: nothing of the server's. */
const userSide = new Set(["client", "cli", "web"]);
const userSideSees = new Set(["protocol", "client", "query"]);

/** Code that imports uWebSockets.js must know its lifetimes. The rest of the gateway may name its types. */
const uwsPlaces = [/^runtime\/src\/http-host(\.test)?\.ts$/, /^runtime\/src\/http\//, /^gateway\/src\/ws\//];
const uwsTypePlaces = [...uwsPlaces, /^gateway\/src\//];

const maxLines = 300;
const medianLines = 100;
const scope = "@hubbub/";

/** What breaks the layers of the packages, one sentence each. */
export function packageFaults(packages: readonly SourcePackage[]): string[] {
  const byName = new Map(packages.map((source) => [source.name, source]));
  const ofImports = packages.flatMap((source) =>
    source.files.flatMap((file) =>
      file.imports.flatMap((taken) => {
        const fault = importFault(source, file, taken, byName);
        return fault === null ? [] : [`${source.name}/${file.path} imports ${taken.specifier}: ${fault}`];
      }),
    ),
  );
  const unknown = packages.filter(({ name }) => layers[name] === undefined);
  return [...unknown.map(({ name }) => `${name} has no layer`), ...ofImports, ...cycleFaults(packages)];
}

/** Files that hold more than one idea. */
export function sizeFaults(packages: readonly SourcePackage[]): string[] {
  const files = packages.flatMap(({ name, files }) =>
    files.map(({ path, lines }) => ({ path: `${name}/${path}`, lines })),
  );
  const faults = files
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path} has ${lines} lines, over ${maxLines}`);
  const median = files.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(files.length / 2)] ?? 0;
  return median < medianLines ? faults : [...faults, `the median file has ${median} lines, not under ${medianLines}`];
}

function importFault(
  from: SourcePackage,
  file: SourceFile,
  { specifier, isType }: Import,
  packages: ReadonlyMap<string, SourcePackage>,
): string | null {
  if (specifier.startsWith("."))
    return leavesPackage(file, specifier) ? "a relative import stays in its package" : null;
  if (specifier === "uWebSockets.js") {
    const place = `${from.name}/${file.path}`;
    return (isType ? uwsTypePlaces : uwsPlaces).some((pattern) => pattern.test(place))
      ? null
      : "only the HTTP host and the gateway's ws/ may";
  }
  if (from.name === "protocol" && isNodeModule(specifier) && !isTest(file)) return "the protocol runs anywhere";
  if (!specifier.startsWith(scope)) return null;
  const [name = "", ...subpath] = specifier.slice(scope.length).split("/");
  const target = packages.get(name);
  if (target === undefined) return "there is no such package";
  if (!target.exports.includes([".", ...subpath].join("/"))) return "not one of its exports";
  return arrowFault(from, file, name);
}

function arrowFault(from: SourcePackage, file: SourceFile, to: string): string | null {
  if (to === from.name) return "a package does not import itself by name";
  if (!from.references.includes(to)) return `tsconfig.json does not refer to ../${to}`;
  if (to === "testkit") return testSide.has(from.name) || isTest(file) ? null : "only tests see the testkit";
  if (userSide.has(from.name))
    return userSideSees.has(to) ? null : "the user's side sees only protocol, query and client";
  return (layers[to] ?? 0) < (layers[from.name] ?? 0) ? null : "imports go to lower layers only";
}

/** Cycles of packages by what is not a test. The layers forbid them already; this check does not trust the list. */
function cycleFaults(packages: readonly SourcePackage[]): string[] {
  return cyclesOf(new Map(packages.map((source) => [source.name, arrowsOf(source)])));
}

function arrowsOf(source: SourcePackage): Set<string> {
  const imports = source.files.filter((file) => !isTest(file)).flatMap((file) => file.imports);
  const ours = imports.filter(({ specifier }) => specifier.startsWith(scope));
  const names = ours.map(({ specifier }) => specifier.slice(scope.length).split("/", 1).join(""));
  return new Set(names.filter((name) => name !== source.name));
}

function leavesPackage(file: SourceFile, specifier: string): boolean {
  return posix.join(posix.dirname(file.path), specifier).startsWith("..");
}

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

/** A test, or what tests use: never part of what runs. */
function isTest({ path }: SourceFile): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/");
}
