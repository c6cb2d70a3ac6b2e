import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot, run } from "@hubbub/testkit";
import { NotHere } from "../drills/fault.ts";

/**
 * What an upgrade comes from as long as no release has a tag: the newest commit before a migration that expands, which is
 * 0024_thread_marks.
 */
const BEFORE_EXPAND = "3e1c7e7c15a3c6d06e688afaa47517bda2472c13";
const BUILD_TIMEOUT_MS = 1_800_000;
const SHORT = 12;

/** The newest schema that each build knows: the version of its last migration. */
interface Schemas {
  readonly earlier: number;
  readonly present: number;
}

/** Which of two builds each process of a cluster runs: an earlier one at first, and this one. */
export class Builds {
  /** Of the earlier one: a tag, or a commit in short. */
  readonly name: string;
  readonly schemas: Schemas;
  readonly #earlier: string;
  readonly #upgraded = new Set<string>();

  private constructor(name: string, earlier: string, schemas: Schemas) {
    this.name = name;
    this.schemas = schemas;
    this.#earlier = earlier;
  }

  /** Checks out `from` and builds it, unless that was done before. @throws NotHere */
  static async prepare(from: string | undefined, tell: (message: string) => void): Promise<Builds> {
    const ref = from ?? (await newestTag()) ?? BEFORE_EXPAND;
    const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).catch(() => {
      throw new NotHere(
        `this repository has no commit ${ref}: fetch it (git fetch --tags, of a shallow copy with --unshallow), or name another one with --from`,
      );
    });
    const short = commit.slice(0, SHORT);
    const checkout = join(repositoryRoot, "data", "builds", short);
    const isBuilt = await stat(markOf(checkout)).then(
      () => true,
      () => false,
    );
    if (!isBuilt) await build(checkout, commit, tell);
    const [earlier, present] = await Promise.all([schemaOf(checkout), schemaOf(repositoryRoot)]);
    return new Builds(ref.startsWith(short) ? short : ref, checkout, { earlier, present });
  }

  /** Of a process at its next start. */
  checkoutOf(process: string): string {
    return this.#upgraded.has(process) ? repositoryRoot : this.#earlier;
  }

  /** The process runs this build from its next start on. */
  upgrade(process: string): void {
    this.#upgraded.add(process);
  }

  /** The process runs the earlier build from its next start on. */
  downgrade(process: string): void {
    this.#upgraded.delete(process);
  }
}

async function schemaOf(checkout: string): Promise<number> {
  const file = join(checkout, "packages", "store", "migrations", "meta", "_journal.json");
  const { entries } = JSON.parse(await readFile(file, "utf8")) as { readonly entries: readonly { when: number }[] };
  return entries.at(-1)?.when ?? 0;
}

/** There once everything is built. */
function markOf(checkout: string): string {
  return `${checkout}.built`;
}

/** Of the releases that this commit comes from, without itself. */
async function newestTag(): Promise<string | null> {
  return await git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^").catch(() => null);
}

async function git(...args: readonly string[]): Promise<string> {
  return (await run("git", args, { cwd: repositoryRoot })).trim();
}

async function build(checkout: string, commit: string, tell: (message: string) => void): Promise<void> {
  tell(`building ${commit} in ${checkout} with npm ci, which takes some minutes the first time`);
  // Of one that was interrupted.
  await rm(checkout, { recursive: true, force: true });
  await git("worktree", "prune");
  await git("worktree", "add", "--detach", checkout, commit);
  const npm = (...args: readonly string[]) =>
    run("npm", args, { cwd: checkout, timeoutMs: BUILD_TIMEOUT_MS }).catch((error: unknown) => {
      tell(String(error));
      throw new NotHere(`${commit} cannot be built: npm ${args[0]} failed, and its output says why`);
    });
  await npm("ci", "--include=dev", "--no-audit", "--no-fund");
  await npm("run", "-s", "build");
  await writeFile(markOf(checkout), "");
}
