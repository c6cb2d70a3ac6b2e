import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A program in Go that is taken from this machine, else built once from its module. */
export interface GoBinary {
  readonly name: string;
  /** Of the module that is built, such as "v1.8.1". */
  readonly version: string;
  /** Import path of the command, without a version. */
  readonly module: string;
  /** Arguments that make it tell its version. */
  readonly versionArguments: readonly string[];
  /** Whether a binary that answered so will do. */
  accepts(answer: string): boolean;
  /** Where to get it without Go, for the message of `GoBinaryMissing`. */
  readonly website: string;
}

/** A build on two cores with an empty module cache takes three minutes. */
const BUILD_DEADLINE_MS = 600_000;
const PROGRESS_MS = 15_000;

/** The program is not here and cannot be built: the message says what to do. */
export class GoBinaryMissing extends Error {
  override readonly name = "GoBinaryMissing";
}

/** The path of a binary that is here, else of one built with Go. @throws GoBinaryMissing */
export async function provideGoBinary(binary: GoBinary): Promise<string> {
  const found = await findGoBinary(binary);
  if (found !== null) return found;
  const { name, version, website } = binary;
  if ((await output("go", ["version"])) === null) {
    throw new GoBinaryMissing(
      `${name} was not found and Go is not here to build it: install ${name} ${version} (${website}), or Go`,
    );
  }
  await build(binary);
  return join(ownDirectory(binary), name);
}

/** Where this module builds it, on the PATH, or where `go install` puts things. */
async function findGoBinary(binary: GoBinary): Promise<string | null> {
  const { PATH = "", GOPATH = "", GOBIN } = process.env;
  const goDirectories = [...split(GOPATH), join(homedir(), "go")].map((path) => join(path, "bin"));
  const directories = [ownDirectory(binary), ...split(PATH), ...(GOBIN === undefined ? [] : [GOBIN]), ...goDirectories];
  for (const directory of directories) {
    const file = join(directory, binary.name);
    const answer = await output(file, binary.versionArguments);
    if (answer !== null && binary.accepts(answer)) return file;
  }
  return null;
}

async function build(binary: GoBinary): Promise<void> {
  const { name, module, version } = binary;
  console.error(`building ${name} ${version} with \`go install\` (once; two to three minutes) …`);
  const started = Date.now();
  const progress = setInterval(
    () => console.error(`… still building ${name} (${Math.round((Date.now() - started) / 1_000)} s)`),
    PROGRESS_MS,
  );
  const child = spawn("go", ["install", `${module}@${version}`], {
    env: { ...process.env, GOBIN: ownDirectory(binary) },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: BUILD_DEADLINE_MS,
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  const [code]: unknown[] = await once(child, "exit");
  clearInterval(progress);
  if (code !== 0) {
    throw new GoBinaryMissing(`Go could not build ${name} ${version}: ${complaints.trim().split("\n").at(-1) ?? ""}`);
  }
}

/** Ignored by git. */
function ownDirectory({ name }: GoBinary): string {
  return fileURLToPath(new URL(`../.${name}`, import.meta.url));
}

function split(paths: string): string[] {
  return paths.split(delimiter).filter((path) => path !== "");
}

/** null when the command does not exist or fails. */
function output(command: string, args: readonly string[]): Promise<string | null> {
  return promisify(execFile)(command, [...args]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}
