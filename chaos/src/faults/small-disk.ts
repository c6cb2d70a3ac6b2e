import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run, succeeds } from "@hubbub/testkit";

/** A file system of its own that can be filled up. */
export interface SmallDisk extends AsyncDisposable {
  /** Leaves no room. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Mounts `megabytes` of memory at `path`. Null where mounting is not allowed. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk | null> {
  await mkdir(path, { recursive: true });
  const isMounted = await succeeds("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${megabytes}m,mode=0755`,
    "hubbub-drill",
    path,
  ]);
  if (!isMounted) return null;
  const ballast = join(path, "ballast");
  return {
    fill: async () => void (await succeeds("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], 60_000)),
    free: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => void (await run("umount", ["--lazy", path])),
  };
}
