import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertSecret, openDataDirectory, openPrivateDirectory } from "./private-files.ts";

let above: string;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), "hubbub-private-"));
});
afterEach(() => rm(above, { recursive: true }));
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("what is made is for its owner alone; what stands open below the data directory is closed", async () => {
  const data = join(above, "new");
  await openDataDirectory(data);
  expect(await modeOf(data)).toBe("700");
  await mkdir(join(data, "postgres"));
  await chmod(join(data, "postgres"), 0o755);
  await openPrivateDirectory(join(data, "postgres"));
  expect(await modeOf(join(data, "postgres"))).toBe("700");
});

test.each([0o777, 0o775, 0o722])(
  "a data directory of mode %o can be written by others and is refused",
  async (mode) => {
    await chmod(above, mode);
    await expect(openDataDirectory(above)).rejects.toThrow(
      `can be written by other accounts (mode ${mode.toString(8)}): chmod 700 ${above}`,
    );
  },
);

test("a mounted volume that others may list is taken, and its mode is left", async () => {
  await chmod(above, 0o755);
  await openDataDirectory(above);
  expect(await modeOf(above)).toBe("755");
});

test("signing keys that every account can read are refused", async () => {
  const file = join(above, "keys.json");
  await writeFile(file, "{}");
  await chmod(file, 0o644);
  await expect(assertSecret("AUTH_KEYS_FILE", file)).rejects.toThrow(`can be used by every account (mode 644)`);
  await chmod(file, 0o440);
  await assertSecret("AUTH_KEYS_FILE", file);
});
