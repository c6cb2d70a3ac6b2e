import { constants } from "node:fs";
import { copyFile, type FileHandle, link as linkFile, open, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HubbubError } from "@hubbub/client";
import { CliError } from "./cli-error.ts";

export interface Download {
  /** A fresh address of the content, which answers ranges. */
  link(): Promise<string>;
  /** Where the bytes that came so far stay until the content is whole. */
  readonly part: string;
  readonly path: string;
  readonly bytes: number;
  readonly signal: AbortSignal;
  onProgress(bytes: number): void;
}

const OWNER_ONLY = 0o600;
/** Without a byte in between. */
const ATTEMPTS = 6;
const WAIT_MS = 1_000;
const PARTIAL = 206;
/** Too many downloads at once, or a server that restarts. */
const PASSING = new Set([429, 502, 503, 504]);
/** A server that sends nothing for so long is asked anew. */
const SILENCE_MS = 30_000;

/** @throws CliError when the file exists */
export async function unlessThere(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new CliError(`${path} cannot be written: ${error.message}`);
  });
  if (found !== undefined) throw exists(path);
}

const exists = (path: string) => new CliError(`${path} exists already, and is not overwritten. Name another file.`);

/** Bytes that an earlier download has left. */
export const startingSize = async (part: string): Promise<number> => (await stat(part).catch(() => ({ size: 0 }))).size;

/** Goes on behind what `part` has, also after interruptions. The content gets its name when it is whole, unless the name is taken. */
export async function download(options: Download): Promise<void> {
  const { part, path, bytes } = options;
  const file = await open(part, "a", OWNER_ONLY).catch((error: Error) => {
    throw new CliError(`${part} cannot be written: ${error.message}`);
  });
  try {
    await fill(file, options);
  } finally {
    await file.close();
  }
  if ((await startingSize(part)) !== bytes) {
    await rm(part, { force: true });
    throw new CliError("the download does not have the length that the server names. Try again.");
  }
  await name(part, path);
}

async function fill(file: FileHandle, options: Download): Promise<void> {
  let { size } = await file.stat();
  for (let attempt = 1; size < options.bytes; attempt += 1) {
    const before = size;
    try {
      for await (const chunk of chunksFrom(size, options)) {
        await file.appendFile(chunk);
        size += chunk.byteLength;
        options.onProgress(size);
      }
      if (size === before) throw new HubbubError("unexpected_answer", "the answer has no content");
    } catch (error) {
      options.signal.throwIfAborted();
      if (size > before) attempt = 1;
      if (!isPassing(error) || attempt >= ATTEMPTS) throw error;
      await sleep(WAIT_MS * attempt, undefined, { signal: options.signal });
    }
  }
}

async function* chunksFrom(start: number, { link, signal }: Download): AsyncGenerator<Uint8Array> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new HubbubError("timeout")), SILENCE_MS);
  try {
    const request = { headers: { range: `bytes=${start}-` }, signal: AbortSignal.any([signal, silence.signal]) };
    const response = await fetch(await link(), request);
    const { status, body } = response;
    if (status !== PARTIAL || body === null)
      throw new HubbubError(PASSING.has(status) ? "unavailable" : "unexpected_answer", `the server answered ${status}`);
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** What breaks while bytes come is no error of ours: `fetch` throws a TypeError. What the disk refuses has a code of the system. */
function isPassing(error: unknown): boolean {
  return error instanceof HubbubError ? error.shouldRetry() : error instanceof TypeError;
}

/** Never over a file that somebody else has made meanwhile. */
async function name(part: string, path: string): Promise<void> {
  try {
    await linkFile(part, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") throw error;
      await copyFile(part, path, constants.COPYFILE_EXCL);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw exists(path);
    throw new CliError(`${path} cannot be written: ${(error as Error).message}`);
  }
  await rm(part, { force: true });
}
