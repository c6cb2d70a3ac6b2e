import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { ContentMissing, type FileStorage } from "../src/storage.ts";

/** A storage with a way to see what is in it besides. */
export interface Opened {
  readonly storage: FileStorage;
  /** Staged content that is there, finished or not. */
  staged(): Promise<number>;
}

const MEBI = 1_024 * 1_024;
/** More than one part of an S3 upload. */
const LARGE = 21 * MEBI + 17;

async function* chunksOf(content: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.byteLength; at += size) yield content.subarray(at, at + size);
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** What every storage must do. */
export function storageContract(open: () => Opened): void {
  test.each([
    ["nothing", 0],
    ["a few bytes", 5],
    ["many parts", LARGE],
  ])("content of %s is kept under its hash and read as it was", async (_what, size) => {
    const { storage, staged } = open();
    const content = randomBytes(size);
    const stage = await storage.stage(chunksOf(content));
    expect(stage).toMatchObject({ hash: sha256(content), bytes: size });
    expect(sha256(await whole(await stage.read()))).toBe(stage.hash);
    await expect(storage.read(stage.hash)).rejects.toThrow(ContentMissing);
    await stage.keep(stage.hash);
    expect(sha256(await whole(await storage.read(stage.hash)))).toBe(stage.hash);
    expect(await staged()).toBe(0);
  });

  test("the same content twice is one content", async () => {
    const { storage } = open();
    const content = randomBytes(1_000);
    for (let times = 0; times < 2; times++) {
      const stage = await storage.stage(chunksOf(content));
      await stage.keep(stage.hash);
    }
    expect(await whole(await storage.read(sha256(content)))).toEqual(content);
    const kept: unknown[] = [];
    for await (const one of storage.kept()) kept.push(one);
    expect(kept.filter((one) => JSON.stringify(one).includes(sha256(content)))).toEqual([
      { key: sha256(content), bytes: 1_000 },
    ]);
    await storage.remove(sha256(content));
    await storage.remove(sha256(content));
    await expect(storage.read(sha256(content))).rejects.toThrow(ContentMissing);
  });

  test("a range is read with both ends, and content beside others has a suffix", async () => {
    const { storage } = open();
    const content = randomBytes(300_000);
    const stage = await storage.stage(chunksOf(content));
    await stage.keep(`${stage.hash}.small`);
    const part = await whole(await storage.read(`${stage.hash}.small`, { start: 70_000, end: 200_000 }));
    expect(part.equals(content.subarray(70_000, 200_001))).toBe(true);
  });

  test.each(["../../etc/passwd", "short", `${"a".repeat(64)}/../x`])("the key %s is refused", async (key) => {
    const { storage } = open();
    const stage = await storage.stage(chunksOf(randomBytes(10)));
    await expect((async () => storage.read(key))()).rejects.toThrow(TypeError);
    await expect((async () => stage.keep(key))()).rejects.toThrow(TypeError);
    await stage.discard();
  });

  test("a source that fails passes its error and leaves nothing, however much has come", async () => {
    const { storage, staged } = open();
    for (const size of [10, LARGE]) {
      const broken = (async function* () {
        yield* chunksOf(randomBytes(size));
        throw new RangeError("the client left");
      })();
      await expect(storage.stage(broken)).rejects.toThrow("the client left");
    }
    expect(await staged()).toBe(0);
  });

  test("what is discarded is gone", async () => {
    const { storage, staged } = open();
    const stage = await storage.stage(chunksOf(randomBytes(10)));
    expect(await staged()).toBe(1);
    await stage.discard();
    expect(await staged()).toBe(0);
  });

  test("what a crash leaves is swept once it is old, and nothing else", async () => {
    const { storage, staged } = open();
    const kept = await storage.stage(chunksOf(randomBytes(10)));
    await kept.keep(kept.hash);
    await storage.stage(chunksOf(randomBytes(10)));
    expect(await storage.sweep(new Date(Date.now() - 60_000))).toBe(0);
    expect(await staged()).toBe(1);
    expect(await storage.sweep(new Date(Date.now() + 60_000))).toBe(1);
    expect(await staged()).toBe(0);
    expect(await whole(await storage.read(kept.hash))).toHaveLength(10);
  });
}
