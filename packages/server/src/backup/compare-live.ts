import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Behind, behind, withPostgres } from "@hubbub/backup";
import { type Database, openEmbedded } from "@hubbub/store/sql";
import { DirectoryInUse, lockDirectory } from "../directory-lock.ts";
import type { Settings } from "../settings.ts";

const SECOND_MS = 1_000;

/**
 * What the database that runs had at `until` and the copy lacks. `copy`: its URL or, embedded, its directory. A string says why that is not
 * known: a drill works all the same when nothing runs any more.
 */
export async function compareWithLive(settings: Settings, copy: string, until: Date): Promise<Behind | string> {
  const { DATABASE_URL: url, DATA_DIR } = settings;
  try {
    if (url === undefined) return await compareDirectories(DATA_DIR, copy, until);
    return await withPostgres(url, (live) => withPostgres(copy, (restored) => behind(live, restored, until)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function compareDirectories(directory: string, copy: string, until: Date): Promise<Behind | string> {
  const dataDir = join(directory, "postgres");
  if (!existsSync(dataDir)) return `there is nothing in ${directory}`;
  const unlock = await lockDirectory(directory).catch((error: unknown) => {
    if (error instanceof DirectoryInUse) return null;
    throw error;
  });
  if (unlock === null) return "a server runs on it, and alone may read it";
  try {
    const open = (path: string) => openEmbedded({ dataDir: path });
    return await withBoth(open(dataDir), open(copy), (live, restored) => behind(live, restored, until));
  } finally {
    await unlock();
  }
}

async function withBoth<Result>(
  one: Promise<Database>,
  other: Promise<Database>,
  work: (one: Database, other: Database) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(await one, await other);
  } finally {
    await Promise.allSettled([one, other].map((opening) => opening.then((database) => database.close())));
  }
}

export function describeBehind(found: Behind | string, begunAt: Date): string {
  if (typeof found === "string") return `not compared with the live database: ${found}`;
  const { events, oldest } = found;
  if (oldest === null) return "the live database had no event more when the drill began";
  const seconds = ((begunAt.getTime() - oldest) / SECOND_MS).toFixed(1);
  return `the live database had ${events.toLocaleString("en")} events more when the drill began, the oldest one ${seconds} s old`;
}
