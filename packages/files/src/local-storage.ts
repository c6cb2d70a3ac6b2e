import { constants } from "node:fs";
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { Hashing } from "./hashing.ts";
import {
  type ByteRange,
  ContentMissing,
  type FileStorage,
  pathOf,
  type Staged,
  StorageUnavailable,
} from "./storage.ts";

export interface LocalStorageOptions {
  /** Made if it is not there. Processes of a cluster must share it. */
  readonly directory: string;
  /** Bytes that stay free on its disk: what else is kept there must go on. Default 256 MiB. */
  readonly keepFreeBytes?: number | undefined;
}

const KEEP_FREE_BYTES = 256 * 1_024 * 1_024;
const READ_BYTES = 64 * 1_024;
const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY = 0o600;

/** Files in a directory: staged ones below `staging`, kept ones below `content`, by a rename from one to the other. */
export async function createLocalStorage(options: LocalStorageOptions): Promise<FileStorage> {
  const storage = new LocalStorage(options.directory, options.keepFreeBytes ?? KEEP_FREE_BYTES);
  await storage.prepare();
  return storage;
}

class LocalStorage implements FileStorage {
  readonly #staging: string;
  readonly #content: string;
  readonly #keepFreeBytes: number;

  constructor(directory: string, keepFreeBytes: number) {
    this.#staging = join(directory, "staging");
    this.#content = join(directory, "content");
    this.#keepFreeBytes = keepFreeBytes;
  }

  async prepare(): Promise<void> {
    for (const folder of [this.#staging, this.#content]) {
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      await access(folder, constants.W_OK);
    }
  }

  async stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged> {
    const path = join(this.#staging, crypto.randomUUID());
    const hashing = new Hashing(chunks);
    try {
      await write(path, hashing);
    } catch (error) {
      await removeQuietly(path);
      throw hashing.hasFailed ? hashing.faultOr(error) : unavailable(error);
    }
    return {
      ...hashing.result(),
      read: () => readFrom(path),
      keep: (key) => this.#keep(path, key),
      discard: () => removeQuietly(path),
    };
  }

  read(key: string, range?: ByteRange): Promise<Readable> {
    return readFrom(join(this.#content, pathOf(key)), range);
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#content, pathOf(key)), { force: true }).catch(refuse);
  }

  async sweep(before: Date): Promise<number> {
    const names = await readdir(this.#staging).catch(refuse);
    let removed = 0;
    for (const name of names) {
      const path = join(this.#staging, name);
      const found = await stat(path).catch(() => null);
      if (found === null || found.mtime >= before) continue;
      await removeQuietly(path);
      removed += 1;
    }
    return removed;
  }

  async hasRoomFor(bytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#staging).catch(refuse);
    return bavail * bsize - bytes >= this.#keepFreeBytes;
  }

  async *kept(): AsyncGenerator<{ key: string; bytes: number }> {
    const entries = await readdir(this.#content, { recursive: true, withFileTypes: true }).catch(refuse);
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const found = await stat(join(entry.parentPath, entry.name)).catch(() => null);
      if (found !== null) yield { key: entry.name, bytes: found.size };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // No handle is open between calls.
  }

  /** The directories are synced too: the name must survive a crash of the machine, as the content does. */
  async #keep(staged: string, key: string): Promise<void> {
    const target = join(this.#content, pathOf(key));
    const folder = dirname(target);
    try {
      const first = await mkdir(folder, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      await rename(staged, target);
      await syncDirectory(folder);
      if (first !== undefined) for (const above of [dirname(folder), this.#content]) await syncDirectory(above);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", OWNER_ONLY);
  try {
    for await (const chunk of chunks) await writeWhole(file, chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, at);
    at += bytesWritten;
  }
}

async function readFrom(path: string, range?: ByteRange): Promise<Readable> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new ContentMissing("there is no content under this key") : unavailable(error);
  });
  return file.createReadStream({ ...range, highWaterMark: READ_BYTES, autoClose: true });
}

/** Windows has no handle of a directory. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

function unavailable(cause: unknown): StorageUnavailable {
  const { code } = cause as NodeJS.ErrnoException;
  const what = code === "ENOSPC" ? "has no space left" : `failed (${code ?? "no code"})`;
  return new StorageUnavailable(`the directory of files ${what}`, { cause });
}

function refuse(error: unknown): never {
  throw unavailable(error);
}
