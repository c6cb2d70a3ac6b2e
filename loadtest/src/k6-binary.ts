import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The version the scenarios were written and tried with; it has the module `k6/websockets`. */
const VERSION = "v1.8.1";
const OLDEST_MAJOR = 1;
/** Where it is built when it is nowhere else. Ignored by git. */
const OWN_DIRECTORY = fileURLToPath(new URL("../.k6", import.meta.url));
/** A build on two cores with an empty module cache takes three minutes. */
const BUILD_DEADLINE_MS = 600_000;
const PROGRESS_MS = 15_000;

/** k6 is not here and cannot be built: the message says what to do. */
export class K6Missing extends Error {
  override readonly name = "K6Missing";
}

/** A k6 that is here, else one built with Go. @throws K6Missing */
export async function provideK6(): Promise<string> {
  const found = await findK6();
  if (found !== null) return found;
  if (!(await runs("go", ["version"]))) {
    throw new K6Missing(
      `k6 was not found and Go is not here to build it: install k6 ${VERSION} or newer (https://grafana.com/docs/k6/latest/set-up/install-k6/), or Go`,
    );
  }
  await build();
  return join(OWN_DIRECTORY, "k6");
}

/** On the PATH, where `go install` puts things, or where this module builds it. */
export async function findK6(): Promise<string | null> {
  const { PATH = "", GOPATH = "", GOBIN } = process.env;
  const goDirectories = [...split(GOPATH), join(homedir(), "go")].map((path) => join(path, "bin"));
  const directories = [OWN_DIRECTORY, ...split(PATH), ...(GOBIN === undefined ? [] : [GOBIN]), ...goDirectories];
  for (const directory of directories) {
    const file = join(directory, "k6");
    const version = await output(file, ["version"]);
    const major = /^k6(?:\.exe)? v(\d+)\./.exec(version ?? "")?.[1];
    if (Number(major) >= OLDEST_MAJOR) return file;
  }
  return null;
}

async function build(): Promise<void> {
  console.error(`building k6 ${VERSION} with \`go install\` (once; two to three minutes) …`);
  const started = Date.now();
  const progress = setInterval(
    () => console.error(`… still building k6 (${Math.round((Date.now() - started) / 1_000)} s)`),
    PROGRESS_MS,
  );
  const child = spawn("go", ["install", `go.k6.io/k6@${VERSION}`], {
    env: { ...process.env, GOBIN: OWN_DIRECTORY },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: BUILD_DEADLINE_MS,
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  const [code]: unknown[] = await once(child, "exit");
  clearInterval(progress);
  if (code !== 0)
    throw new K6Missing(`Go could not build k6 ${VERSION}: ${complaints.trim().split("\n").at(-1) ?? ""}`);
}

function split(paths: string): string[] {
  return paths.split(delimiter).filter((path) => path !== "");
}

async function runs(command: string, args: readonly string[]): Promise<boolean> {
  return (await output(command, args)) !== null;
}

/** null when the command does not exist or fails. */
function output(command: string, args: readonly string[]): Promise<string | null> {
  return promisify(execFile)(command, [...args]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}
