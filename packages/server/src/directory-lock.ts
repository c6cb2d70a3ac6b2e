import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Another process works in the data directory. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
}

/**
 * Takes a data directory for this process, by a file with its pid; a file that a dead process left is taken over.
 * Two processes in one directory would destroy it. Answers the release.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, "lock");
  const holder = await readPid(file);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    throw new DirectoryInUse(
      `${directory} is in use by process ${holder}: stop that one, or give this one a directory of its own with DATA_DIR`,
    );
  }
  await rm(file, { force: true });
  const handle = await open(file, "wx");
  await handle.writeFile(String(process.pid));
  await handle.close();
  return () => rm(file, { force: true });
}

async function readPid(file: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(file, "utf8"), 10);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
