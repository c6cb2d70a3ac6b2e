import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objectsContract } from "../test/objects-contract.ts";
import { storageContract } from "../test/storage-contract.ts";
import { openLocalObjects } from "./local-objects.ts";
import { createLocalStorage } from "./local-storage.ts";
import type { Objects } from "./objects.ts";
import type { FileStorage } from "./storage.ts";

let directory: string;
let storage: FileStorage;
let objects: Objects;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-files-"));
  storage = await createLocalStorage({ directory, keepFreeBytes: 1 });
  objects = await openLocalObjects(join(directory, "objects"));
});
afterAll(() => rm(directory, { recursive: true }));

storageContract(() => ({ storage, staged: async () => (await readdir(join(directory, "staging"))).length }));

objectsContract(() => objects);

test("nobody else on the machine can read the files", async () => {
  const stage = await storage.stage(
    (async function* () {
      yield Buffer.from("secret");
    })(),
  );
  await stage.keep(stage.hash);
  const folder = join(directory, "content", stage.hash.slice(0, 2));
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect((await stat(join(folder, stage.hash.slice(2, 4), stage.hash))).mode & 0o077).toBe(0);
});

test("a disk that would become full is told", async () => {
  expect(await storage.hasRoomFor(1_000)).toBe(true);
  expect(await storage.hasRoomFor(Number.MAX_SAFE_INTEGER)).toBe(false);
});
