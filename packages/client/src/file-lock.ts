import { createHash } from "node:crypto";
import { open, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@hubbub/protocol";
import { HubbubError } from "./hubbub-error.ts";

/** For its owner only. */
const MODE = 0o600;
/** The oldest of several claims waits this long for the others to withdraw. */
const WITHDRAW_MS = 500;
const LOOK_MS = 10;
/** How often a holder renews its claim, and for how long a claim counts that cannot be judged by its process. */
const RENEW_MS = 3_000;
const LEASE_MS = 15_000;
const RETRY_MS = 250;
const RENEWAL = "\n";
/** Claims of this process. In a container every process may have the same id. */
const held = new Set<string>();

interface Claim {
  readonly path: string;
  readonly pid: number;
  /** When the process began, as its system counts; "": not known there. */
  readonly began: string;
  /** Where process ids mean the same; "": the claim is of a version that does not say. */
  readonly place: string;
}

export interface Taking {
  /** Whether to wait for the end of a claim of another container or machine, if its process may be gone. */
  readonly isPatient: boolean;
}

/**
 * One process at a time has the lock. Each makes a claim of its own, a file that no other process ever makes, and looks at
 * the claims of others after that: of two that come at one instant at least one sees the other and withdraws. Claims of
 * processes that are gone do not count, so nobody needs to take one over. A process of another container or machine cannot
 * be looked up: its claim counts for as long as it is renewed.
 */
export class FileLock {
  readonly #claim: string;
  #renewing: ReturnType<typeof setInterval> | undefined;

  private constructor(claim: string) {
    this.#claim = claim;
  }

  /** @throws HubbubError outbox_in_use, outbox_failed */
  static async take(path: string, { isPatient }: Taking): Promise<FileLock> {
    let seen: InUse | undefined;
    for (const until = performance.now() + LEASE_MS + RENEW_MS; ; await sleep(RETRY_MS)) {
      try {
        return await FileLock.#takeNow(path);
      } catch (error) {
        if (!isPatient || !(error instanceof InUse) || !error.isElsewhere || performance.now() > until) throw error;
        const isRenewed = seen?.claim === error.claim && seen.renewed !== error.renewed;
        if (isRenewed) throw error;
        seen = error;
      }
    }
  }

  static async #takeNow(path: string): Promise<FileLock> {
    const claim = `${path}.lock.${newId()}.${process.pid}.${await beginOf(process.pid)}.${await ownPlace()}`;
    held.add(claim);
    const lock = new FileLock(claim);
    try {
      await writeFile(claim, RENEWAL, { flag: "wx", mode: MODE });
      await withdrawUnlessFirst(path, claim);
      lock.#renewing = setInterval(() => void lock.#renew(), RENEW_MS);
      lock.#renewing.unref?.();
      return lock;
    } catch (error) {
      await lock.release();
      if (error instanceof HubbubError) throw error;
      throw new HubbubError("outbox_failed", `${claim} cannot be made`, { cause: error });
    }
  }

  /** A process that was stopped for longer than its claim counts elsewhere may have lost it. @throws HubbubError outbox_in_use */
  async assertHeld(): Promise<void> {
    if ((await renewalOf(this.#claim)) !== null) return;
    throw new HubbubError("outbox_in_use", `${this.#claim} is gone: another process has this outbox open`);
  }

  async release(): Promise<void> {
    clearInterval(this.#renewing);
    held.delete(this.#claim);
    await rm(this.#claim, { force: true });
  }

  /** By the clock of the file system, which all who look share. Makes no claim anew that is gone. */
  async #renew(): Promise<void> {
    const file = await open(this.#claim, "r+").catch(() => null);
    // The next round tries again.
    await file?.write(RENEWAL, 0).catch(() => undefined);
    await file?.close().catch(() => undefined);
  }
}

class InUse extends HubbubError {
  readonly claim: string;
  readonly isElsewhere: boolean;
  readonly renewed: number | null;

  constructor({ path, pid }: Claim, isElsewhere: boolean, renewed: number | null) {
    const who = isElsewhere ? "a process of another container or machine" : `process ${pid}`;
    super("outbox_in_use", `${who} has this outbox open; if it has not, remove ${path}`);
    this.claim = path;
    this.isElsewhere = isElsewhere;
    this.renewed = renewed;
  }
}

async function withdrawUnlessFirst(path: string, claim: string): Promise<void> {
  const until = performance.now() + WITHDRAW_MS;
  const begunMs = (await stat(claim)).mtimeMs;
  for (;;) {
    const others = (await liveClaims(path, begunMs)).filter((other) => other.path !== claim);
    const [oldest] = others;
    if (oldest === undefined) return;
    if (oldest.path < claim || performance.now() > until)
      throw new InUse(oldest, await isElsewhere(oldest), await renewalOf(oldest.path));
    await sleep(LOOK_MS);
  }
}

/** Oldest first. Removes claims of processes that are gone: no other process makes a file of that name. */
async function liveClaims(path: string, nowMs: number): Promise<Claim[]> {
  const names = await readdir(dirname(path));
  const claims = names.sort().flatMap((name) => claimOf(path, name));
  const live: Claim[] = [];
  for (const claim of claims) {
    if (await isLive(claim, nowMs)) live.push(claim);
    else await rm(claim.path, { force: true });
  }
  return live;
}

function claimOf(path: string, name: string): Claim[] {
  const prefix = `${basename(path)}.lock.`;
  if (!name.startsWith(prefix)) return [];
  const [, pid = "", began = "", place = ""] = name.slice(prefix.length).split(".");
  return [{ path: join(dirname(path), name), pid: Number(pid), began, place }];
}

/** `nowMs`: by the clock of the file system. A clock that was put back makes claims of the future, which nobody renews. */
async function isLive(claim: Claim, nowMs: number): Promise<boolean> {
  const { path, pid, began } = claim;
  if (await isElsewhere(claim)) {
    const renewed = await renewalOf(path);
    return renewed !== null && Math.abs(nowMs - renewed) <= LEASE_MS;
  }
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

async function isElsewhere({ place }: Claim): Promise<boolean> {
  return place !== "" && place !== (await ownPlace());
}

/** When a claim was made or renewed, by the clock of the file system; null: it is gone. */
async function renewalOf(claim: string): Promise<number | null> {
  return await stat(claim).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

/** Linux tells it in ticks since its start. */
async function beginOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, began = ""] = /\) (?:\S+ ){19}(\d+) /.exec(stat) ?? [];
  return began;
}

let place: Promise<string> | undefined;
const PLACE_DIGITS = 12;

/** The namespace of process ids, and the run of the kernel that counts namespaces. Systems without them: the machine. */
function ownPlace(): Promise<string> {
  place ??= Promise.all([readFile("/proc/sys/kernel/random/boot_id", "utf8"), readlink("/proc/self/ns/pid")])
    .catch(() => [hostname()])
    .then((parts) => createHash("sha256").update(parts.join()).digest("hex").slice(0, PLACE_DIGITS));
  return place;
}
