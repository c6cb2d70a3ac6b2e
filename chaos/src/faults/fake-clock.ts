import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { installPackage } from "@hubbub/testkit";

const libraries = "/usr/lib";

/**
 * Environment in which a program's clock is off by a number of seconds, while its timers run as they should: libfaketime,
 * from this machine or installed by apt. Null where there is none.
 */
export async function fakeClock(offsetSeconds: number): Promise<Readonly<Record<string, string>> | null> {
  const library = (await find()) ?? ((await installPackage("libfaketime")) ? await find() : null);
  if (library === null) return null;
  const offset = `${offsetSeconds < 0 ? "-" : "+"}${Math.abs(offsetSeconds)}s`;
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

async function find(): Promise<string | null> {
  const directories = await readdir(libraries).catch(() => []);
  for (const directory of directories) {
    const path = join(libraries, directory, "faketime", "libfaketimeMT.so.1");
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}
