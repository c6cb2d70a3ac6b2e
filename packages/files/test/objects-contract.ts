import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Objects } from "../src/objects.ts";
import { ContentMissing } from "../src/storage.ts";

async function* chunksOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function listed(objects: Objects, folder: string): Promise<unknown[]> {
  const found: { readonly name: string; readonly bytes: number }[] = [];
  for await (const object of objects.list(folder)) found.push(object);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What every place of objects must do. */
export function objectsContract(open: () => Objects): void {
  test("an object is read as it was put, listed with its size, replaced and removed", async () => {
    const objects = open();
    const content = randomBytes(300_000);
    await objects.put("a/b/one.gz", chunksOf(content.subarray(0, 1_000), content.subarray(1_000)));
    await objects.put("a/two", chunksOf());
    await objects.put("ab/three", chunksOf(Buffer.from("x")));
    expect((await buffer(await objects.read("a/b/one.gz"))).equals(content)).toBe(true);
    expect(await listed(objects, "a/")).toEqual([
      { name: "a/b/one.gz", bytes: 300_000 },
      { name: "a/two", bytes: 0 },
    ]);
    expect(await listed(objects, "none/")).toEqual([]);
    await objects.put("a/two", chunksOf(Buffer.from("again")));
    expect((await buffer(await objects.read("a/two"))).toString()).toBe("again");
    for (let times = 0; times < 2; times += 1) await objects.remove("a/two");
    await expect(objects.read("a/two")).rejects.toThrow(ContentMissing);
  });

  test("a source that fails passes its error and leaves the object that was there", async () => {
    const objects = open();
    await objects.put("kept", chunksOf(Buffer.from("first")));
    const broken = (async function* () {
      yield Buffer.from("second");
      throw new RangeError("the source broke");
    })();
    await expect(objects.put("kept", broken)).rejects.toThrow("the source broke");
    expect((await buffer(await objects.read("kept"))).toString()).toBe("first");
  });

  test.each(["../x", "a/../x", "/etc/passwd", ".hidden", "a//b", ""])("the name %j is refused", async (name) => {
    await expect((async () => open().put(name, chunksOf()))()).rejects.toThrow(TypeError);
    await expect((async () => open().read(name))()).rejects.toThrow(TypeError);
  });
}
