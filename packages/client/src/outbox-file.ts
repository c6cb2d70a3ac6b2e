import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { HubbubError } from "./hubbub-error.ts";
import {
  bytesOf,
  KEPT_MAX,
  KEPT_MAX_BYTES,
  type KeptEvent,
  type OutboxBounds,
  type OutboxStorage,
} from "./outbox-storage.ts";

/** From the making of a lock to the number of its process in it. */
const LOCKING_MS = 5_000;
/** For its owner only: the texts are private. */
const MODE = 0o600;

type Row = KeptEvent & { readonly owner: string };

/**
 * Keeps unsent events in a file, for a script or a bot. The file is written anew beside the old one, forced to the disk
 * and put in its place, so that a crash leaves one of the two. One process at a time may have it open.
 */
export function fileOutbox(path: string, bounds: OutboxBounds = {}): OutboxStorage {
  return new FileOutbox(path, bounds);
}

class FileOutbox implements OutboxStorage {
  readonly #path: string;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #owner = "";
  #rows: readonly Row[] = [];
  #lock: FileHandle | undefined;
  /** The write that is underway, and the one behind it, which all changes until then go into. */
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string, { maxEvents = KEPT_MAX, maxBytes = KEPT_MAX_BYTES }: OutboxBounds) {
    this.#path = path;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  async open(owner: string): Promise<readonly KeptEvent[]> {
    this.#lock = await takeLock(`${this.#path}.lock`);
    this.#owner = owner;
    this.#rows = await readRows(this.#path);
    return this.#rows.filter((row) => row.owner === owner).map(({ owner: _, ...event }) => event);
  }

  async add(event: KeptEvent): Promise<void> {
    const others = this.#without(event.id);
    const bytes = [...others, event].reduce((sum, one) => sum + bytesOf(one), 0);
    if (others.length >= this.#maxEvents || bytes > this.#maxBytes) {
      const bound = `${this.#maxEvents} events or ${this.#maxBytes} bytes`;
      throw new HubbubError("outbox_full", `${this.#path} is full: it keeps ${bound} that are not acked`);
    }
    this.#rows = [...others, { ...event, owner: this.#owner }];
    await this.#save();
  }

  async remove(id: string): Promise<void> {
    const others = this.#without(id);
    if (others.length === this.#rows.length) return;
    this.#rows = others;
    await this.#save();
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#writing).catch(() => undefined);
    const lock = this.#lock;
    this.#lock = undefined;
    if (lock === undefined) return;
    await lock.close();
    held.delete(`${this.#path}.lock`);
    await rm(`${this.#path}.lock`, { force: true });
  }

  #without(id: string): readonly Row[] {
    return this.#rows.filter((row) => row.id !== id || row.owner !== this.#owner);
  }

  #save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#writing = writeRows(this.#path, this.#rows);
        return this.#writing;
      });
    return this.#next;
  }
}

async function readRows(path: string): Promise<readonly Row[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw new HubbubError("outbox_failed", `${path} cannot be read`, { cause: error });
  }
  try {
    const { events } = JSON.parse(text) as { readonly events: readonly Row[] };
    if (Array.isArray(events)) return events;
  } catch {
    // Told below.
  }
  throw new HubbubError("outbox_failed", `${path} is no outbox: move it away, or name another file`);
}

async function writeRows(path: string, rows: readonly Row[]): Promise<void> {
  const fresh = await open(`${path}.new`, "w", MODE);
  try {
    await fresh.writeFile(JSON.stringify({ events: rows }));
    await fresh.sync();
  } finally {
    await fresh.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** Else the new name may be lost with the power. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** Of a process that is gone it is taken over. */
async function takeLock(path: string): Promise<FileHandle> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const lock = await open(path, "wx", MODE);
      await lock.writeFile(`${process.pid}`);
      held.add(path);
      return lock;
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw new HubbubError("outbox_failed", `${path} cannot be made`, { cause: error });
      const holder = await readFile(path, "utf8").catch(() => "");
      const isHeld = holder === "" ? await isFresh(path) : isAlive(Number(holder), path);
      if (attempt > 0 || isHeld) {
        const advice = `${holder === "" ? "another process" : `process ${holder}`} has this outbox open; if it has not, remove ${path}`;
        throw new HubbubError("outbox_in_use", advice);
      }
      await rm(path, { force: true });
    }
  }
  throw new HubbubError("outbox_in_use");
}

/** The process that makes it has not written its number yet. */
async function isFresh(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < LOCKING_MS;
}

/** Locks of this process. In a container every process may have the same id. */
const held = new Set<string>();

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
