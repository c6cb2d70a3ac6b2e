import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-lock-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("a directory that a living process works in is refused, naming the process", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await writeFile(join(directory, "lock"), String(other.pid));
  await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${other.pid}`);
  other.kill("SIGKILL");
  await once(other, "exit");
  await (await lockDirectory(directory))();
});

test("the lock names its holder and is gone when released", async () => {
  const release = await lockDirectory(directory);
  expect(await readFile(join(directory, "lock"), "utf8")).toBe(String(process.pid));
  await release();
  await expect(readFile(join(directory, "lock"))).rejects.toThrow("ENOENT");
});
