import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureSecretKeys } from "./secret-keys.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-secrets-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("the keys are made once, for their owner alone, and found again", async () => {
  const file = join(directory, "secret-keys");
  const keys = await ensureSecretKeys(file);
  expect(keys).toMatchObject([{ id: "k1" }]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await ensureSecretKeys(file)).toEqual(keys);
});

test("keys that every account can read, or that are none, are refused at the start", async () => {
  const file = join(directory, "bad");
  await writeFile(file, "nothing", { mode: 0o600 });
  await expect(ensureSecretKeys(file)).rejects.toThrow("SECRET_KEYS=…");
  await chmod(file, 0o644);
  await expect(ensureSecretKeys(file)).rejects.toThrow("chmod 600");
});
