import { open, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@hubbub/protocol";
import { HubbubError } from "./hubbub-error.ts";

/** For its owner only. */
const MODE = 0o600;
/** The oldest of several claims waits this long for the others to withdraw. */
const WITHDRAW_MS = 500;
const LOOK_MS = 10;
/** Claims of this process. In a container every process may have the same id. */
const held = new Set<string>();

interface Claim {
  readonly path: string;
  readonly pid: number;
  /** When the process began, as its system counts; "": not known there. */
  readonly began: string;
}

/**
 * One process at a time has the lock. Each makes a claim of its own, a file that no other process ever makes, and looks at
 * the claims of others after that: of two that come at one instant at least one sees the other and withdraws. Claims of
 * processes that are gone do not count, so nobody needs to take one over.
 */
export class FileLock {
  readonly #claim: string;

  private constructor(claim: string) {
    this.#claim = claim;
  }

  /** @throws HubbubError outbox_in_use, outbox_failed */
  static async take(path: string): Promise<FileLock> {
    const claim = `${path}.lock.${newId()}.${process.pid}.${await beginOf(process.pid)}`;
    held.add(claim);
    const lock = new FileLock(claim);
    try {
      await (await open(claim, "wx", MODE)).close();
      await withdrawUnlessFirst(path, claim);
      return lock;
    } catch (error) {
      await lock.release();
      if (error instanceof HubbubError) throw error;
      throw new HubbubError("outbox_failed", `${claim} cannot be made`, { cause: error });
    }
  }

  async release(): Promise<void> {
    held.delete(this.#claim);
    await rm(this.#claim, { force: true });
  }
}

async function withdrawUnlessFirst(path: string, claim: string): Promise<void> {
  const until = performance.now() + WITHDRAW_MS;
  for (;;) {
    const others = (await liveClaims(path)).filter((other) => other.path !== claim);
    const [oldest] = others;
    if (oldest === undefined) return;
    if (oldest.path < claim || performance.now() > until) {
      const advice = `process ${oldest.pid} has this outbox open; if it has not, remove ${oldest.path}`;
      throw new HubbubError("outbox_in_use", advice);
    }
    await sleep(LOOK_MS);
  }
}

/** Oldest first. Removes claims of processes that are gone: no other process makes a file of that name. */
async function liveClaims(path: string): Promise<Claim[]> {
  const names = await readdir(dirname(path));
  const claims = names.sort().flatMap((name) => claimOf(path, name));
  const live: Claim[] = [];
  for (const claim of claims) {
    if (await isLive(claim)) live.push(claim);
    else await rm(claim.path, { force: true });
  }
  return live;
}

function claimOf(path: string, name: string): Claim[] {
  const prefix = `${basename(path)}.lock.`;
  if (!name.startsWith(prefix)) return [];
  const [, pid = "", began = ""] = name.slice(prefix.length).split(".");
  return [{ path: join(dirname(path), name), pid: Number(pid), began }];
}

async function isLive({ path, pid, began }: Claim): Promise<boolean> {
  if (pid === process.pid) return held.has(path);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  // A later process may have got the same id, for example after a restart of the machine.
  const now = await beginOf(pid);
  return began === "" || now === "" || began === now;
}

/** Linux tells it in ticks since its start. */
async function beginOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, began = ""] = /\) (?:\S+ ){19}(\d+) /.exec(stat) ?? [];
  return began;
}
