import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../../git.ts";
import { OWN_ROOT } from "../../hubbub-process.ts";
import { BadOptions } from "../options.ts";

/** An earlier commit, installed and built in a temporary directory. */
export interface OlderBuild extends AsyncDisposable {
  readonly root: string;
  readonly commit: string;
}

/** Short hash and subject. @throws BadOptions when the repository has no such commit */
export async function describeCommit(commit: string): Promise<string> {
  const found = await git("log", "-1", "--format=%h %s", `${commit}^{commit}`).catch(() => null);
  if (found === null) throw new BadOptions(`no such commit: ${commit}; a shallow clone has only the newest ones`);
  return found;
}

/** Takes a minute, and asks the package registry for what its cache does not have. */
export async function buildCommit(commit: string): Promise<OlderBuild> {
  const described = await describeCommit(commit);
  const root = await mkdtemp(join(tmpdir(), "hubbub-before-"));
  const dispose = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await run("sh", ["-c", 'git archive "$1" | tar -x -C "$2"', "sh", commit, root], OWN_ROOT);
    await run("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], root);
    await run("npm", ["run", "-s", "build"], root);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { root, commit: described, [Symbol.asyncDispose]: dispose };
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  const [code]: unknown[] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ""} in ${cwd} ended with ${String(code)}`);
}
