import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FileLock, type Taking } from "./file-lock.ts";
import { HubbubError } from "./hubbub-error.ts";
import {
  bytesOf,
  KEPT_MAX,
  KEPT_MAX_BYTES,
  type KeptEvent,
  type OutboxBounds,
  type OutboxStorage,
} from "./outbox-storage.ts";

/** For its owner only: the texts are private. */
const MODE = 0o600;

type Row = KeptEvent & { readonly owner: string };

/**
 * Keeps unsent events in a file, for a script or a bot. The file is written anew beside the old one, forced to the disk
 * and put in its place, so that a crash leaves one of the two. One process at a time may have it open.
 */
export function fileOutbox(path: string, bounds: OutboxBounds = {}): OutboxStorage {
  return new FileOutbox(path, bounds, { isPatient: true });
}

export class FileOutbox implements OutboxStorage {
  readonly #path: string;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #taking: Taking;
  #owner = "";
  #rows: readonly Row[] = [];
  #lock: FileLock | undefined;
  /** The write that is underway, and the one behind it, which all changes until then go into. */
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string, { maxEvents = KEPT_MAX, maxBytes = KEPT_MAX_BYTES }: OutboxBounds, taking: Taking) {
    this.#path = path;
    this.#taking = taking;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  async open(owner: string): Promise<readonly KeptEvent[]> {
    this.#lock = await FileLock.take(this.#path, this.#taking);
    this.#owner = owner;
    this.#rows = await readRows(this.#path);
    return this.#rows.filter((row) => row.owner === owner).map(({ owner: _, ...event }) => event);
  }

  /** Events of this owner. */
  get size(): number {
    return this.#rows.filter(({ owner }) => owner === this.#owner).length;
  }

  has(id: string): boolean {
    return this.#rows.some((row) => row.id === id && row.owner === this.#owner);
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

  /** What is empty leaves no file behind. */
  async closeAndTidy(): Promise<void> {
    await (this.#next ?? this.#writing).catch(() => undefined);
    const isHeld = await this.#lock?.assertHeld().then(
      () => true,
      () => false,
    );
    if (isHeld === true && this.#rows.length === 0) await rm(this.#path, { force: true });
    await this.close();
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#writing).catch(() => undefined);
    const lock = this.#lock;
    this.#lock = undefined;
    if (lock === undefined) return;
    await lock.release();
  }

  #without(id: string): readonly Row[] {
    return this.#rows.filter((row) => row.id !== id || row.owner !== this.#owner);
  }

  #save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#write();
        return this.#writing;
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    const rows = this.#rows;
    await this.#lock?.assertHeld();
    await writeRows(this.#path, rows);
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

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
