import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Readable } from "node:stream";
import { assertName, type Objects } from "./objects.ts";
import { ContentMissing, StorageUnavailable } from "./storage.ts";

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY = 0o600;
/** A name that no object has. */
const UNFINISHED = ".unfinished-";

/** @throws StorageUnavailable when the directory cannot be made */
export async function openLocalObjects(directory: string): Promise<Objects> {
  await mkdir(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY }).catch(refuse);
  return new LocalObjects(directory);
}

class LocalObjects implements Objects {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const target = this.#pathOf(name);
    const unfinished = join(this.#directory, UNFINISHED + crypto.randomUUID());
    const source = new Watched(chunks);
    try {
      await write(unfinished, source);
      await mkdir(dirname(target), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      await rename(unfinished, target);
      await syncUpTo(dirname(target), this.#directory);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw source.hasFailed ? error : unavailable(error);
    }
  }

  async read(name: string): Promise<Readable> {
    const path = this.#pathOf(name);
    const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new ContentMissing(`there is no object ${name}`) : unavailable(error);
    });
    return file.createReadStream();
  }

  async *list(folder: string): AsyncGenerator<{ name: string; bytes: number }> {
    const root = this.#pathOf(folder.replace(/\/$/, ""));
    const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw unavailable(error);
    });
    for (const entry of entries) {
      const path = join(root, entry.name);
      const name = relative(this.#directory, path).split(sep).join("/");
      if (entry.isDirectory()) yield* this.list(name);
      else if (entry.isFile()) yield { name, bytes: (await stat(path).catch(refuse)).size };
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true }).catch(refuse);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // No handle is open between calls.
  }

  #pathOf(name: string): string {
    assertName(name);
    return join(this.#directory, ...name.split("/"));
  }
}

/** Knows whether the source failed, and not the directory. */
class Watched {
  hasFailed = false;
  readonly #source: AsyncIterable<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    this.hasFailed = true;
    for await (const chunk of this.#source) {
      this.hasFailed = false;
      yield chunk;
      this.hasFailed = true;
    }
    this.hasFailed = false;
  }
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", OWNER_ONLY);
  try {
    await writeFile(file, chunks);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The names of new folders must survive a crash of the machine too. Windows has no handle of a directory. */
async function syncUpTo(folder: string, root: string): Promise<void> {
  if (process.platform === "win32") return;
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, "r");
    await handle.sync().finally(() => handle.close());
    if (at === root || at === dirname(at)) return;
  }
}

function unavailable(cause: unknown): StorageUnavailable {
  const { code = "no code" } = cause as NodeJS.ErrnoException;
  const what = code === "ENOSPC" ? "has no space left" : `failed (${code})`;
  return new StorageUnavailable(`the directory ${what}`, { cause });
}

function refuse(error: unknown): never {
  throw unavailable(error);
}
