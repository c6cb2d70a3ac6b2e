import { access, constants, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { installPackage } from "./install.ts";
import { succeeds } from "./run.ts";

export interface ProgramSpec {
  /** For messages: "Redis". */
  readonly title: string;
  /** All of these must lie in one directory; the first is the program. */
  readonly binaries: readonly [string, ...string[]];
  /** Directories to look into before PATH; `*` stands for one path segment, the highest version wins. */
  readonly directories: readonly string[];
  /** Debian's package. */
  readonly aptPackage: string;
  /** For those that also run in a container. */
  readonly image?: string | undefined;
  /** The environment variable that names a running one, if there is such a way. */
  readonly urlVariable?: string | undefined;
}

/** Where a program comes from. */
export type Program =
  | { readonly kind: "binary"; readonly directory: string }
  | { readonly kind: "container"; readonly image: string };

/**
 * Finds a program: on this machine, else installed by apt (root on Debian or Ubuntu only), else as a container.
 * @throws one sentence that says what to do
 */
export async function provide(spec: ProgramSpec): Promise<Program> {
  const found = await findBinaries(spec);
  if (found !== null) return { kind: "binary", directory: found };
  if (await installPackage(spec.aptPackage)) {
    const installed = await findBinaries(spec);
    if (installed !== null) return { kind: "binary", directory: installed };
  }
  const { image } = spec;
  if (image !== undefined && (await succeeds("docker", ["info"]))) return { kind: "container", image };
  const byUrl = spec.urlVariable === undefined ? "" : `set ${spec.urlVariable} to a running one, or `;
  throw new Error(
    `${spec.title} is needed and was not found: ${byUrl}install it (Debian and Ubuntu: apt-get install ${spec.aptPackage})${image === undefined ? "" : ", or start Docker"}.`,
  );
}

async function findBinaries(spec: ProgramSpec): Promise<string | null> {
  const { PATH = "" } = process.env;
  const pathDirectories = PATH.split(delimiter).filter((directory) => directory !== "");
  const preferred = await Promise.all(spec.directories.map(expand));
  for (const directory of [...preferred.flat(), ...pathDirectories, "/usr/sbin", "/usr/local/sbin"]) {
    const present = await Promise.all(spec.binaries.map((binary) => isExecutable(join(directory, binary))));
    if (present.every(Boolean)) return directory;
  }
  return null;
}

async function expand(pattern: string): Promise<string[]> {
  const [before, after] = pattern.split("*");
  if (before === undefined || after === undefined) return [pattern];
  const versions = await readdir(before).catch(() => []);
  return versions
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((version) => before + version + after);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
