import { text } from "node:stream/consumers";
import type { Objects } from "@hubbub/files";
import { testedName } from "./catalogue.ts";
import { listBackups } from "./catalogues.ts";

/** What a target has of one cluster. In Unix ms; null: none. */
export interface BackupTimes {
  /** When the newest backup was taken. */
  readonly newest: number | null;
  /** When a backup was last restored and verified; when none ever was, the time of the oldest backup. */
  readonly untestedSince: number | null;
}

/** `cluster`: see `Catalogue.cluster`; null: all backups of the target count. */
export async function backupTimes(objects: Objects, cluster: string | null): Promise<BackupTimes> {
  const { backups } = await listBackups(objects);
  const own = backups.filter(({ catalogue }) => cluster === null || catalogue.cluster === cluster);
  const taken = own.map(({ catalogue }) => Date.parse(catalogue.takenAt));
  if (taken.length === 0) return { newest: null, untestedSince: null };
  const tested = await Promise.all(
    own.filter(({ isTested }) => isTested).map(({ catalogue }) => testedAt(objects, catalogue.id)),
  );
  const known = tested.filter((at) => !Number.isNaN(at));
  return {
    newest: Math.max(...taken),
    untestedSince: known.length > 0 ? Math.max(...known) : Math.min(...taken),
  };
}

/** NaN: the object has no time. */
async function testedAt(objects: Objects, id: string): Promise<number> {
  return Date.parse((await text(await objects.read(testedName(id)))).trim());
}
