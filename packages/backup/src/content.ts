import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ContentMissing, type FileStorage, type Objects } from "@hubbub/files";
import type { Seal } from "./seal.ts";

/** Content of an uploaded file, or a thumbnail. */
export interface Content {
  readonly key: string;
  readonly bytes: number;
}

export const CONTENT = "files/";
/** Archives of users' own data can be made again. */
const REMADE = ".export";
const FOLDER_DIGITS = 2;

/** Of the object, without the suffix of a seal. */
export function contentName(key: string): string {
  return `${CONTENT}${key.slice(0, FOLDER_DIGITS)}/${key.slice(FOLDER_DIGITS, 2 * FOLDER_DIGITS)}/${key}`;
}

export async function* contentLines(contents: AsyncIterable<Content>): AsyncGenerator<Uint8Array> {
  for await (const content of contents) yield Buffer.from(`${JSON.stringify(content)}\n`);
}

/** The list of a backup. */
export async function* readContentLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Content> {
  for await (const line of createInterface({ input: Readable.from(chunks), crlfDelay: Number.POSITIVE_INFINITY }))
    if (line !== "") yield JSON.parse(line) as Content;
}

/** What a backup has to keep of a storage. */
export async function* contentsOf(storage: FileStorage | undefined): AsyncGenerator<Content> {
  if (storage === undefined) return;
  for await (const { key, bytes } of storage.kept()) if (!key.endsWith(REMADE)) yield { key, bytes };
}

/** Puts what the target lacks. `gone`: it was deleted since the list was made. */
export async function copyContents(
  storage: FileStorage | undefined,
  contents: AsyncIterable<Content>,
  objects: Objects,
  seal: Seal,
): Promise<{ readonly copied: number; readonly gone: number }> {
  const done = { copied: 0, gone: 0 };
  if (storage === undefined) return done;
  const there = await namesBelow(objects, CONTENT);
  for await (const { key } of contents) {
    const name = contentName(key) + seal.suffix;
    if (there.has(name)) continue;
    try {
      await objects.put(name, seal.close(await storage.read(key)));
      done.copied += 1;
    } catch (error) {
      if (!(error instanceof ContentMissing)) throw error;
      done.gone += 1;
    }
  }
  return done;
}

/** One string for each object: some 150 bytes of memory. */
export async function namesBelow(objects: Objects, folder: string): Promise<ReadonlyMap<string, number>> {
  const names = new Map<string, number>();
  for await (const { name, bytes } of objects.list(folder)) names.set(name, bytes);
  return names;
}
