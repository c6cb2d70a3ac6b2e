import { text } from "node:stream/consumers";
import { ContentMissing, type Objects } from "@hubbub/files";
import type { Catalogue } from "./catalogue.ts";
import type { Wanted } from "./choose.ts";
import { namesBelow } from "./content.ts";
import { bytesOf, isHistory, parseSegment, planWal, segmentOf } from "./wal-names.ts";
import { type LifeOfLog, shippedName, walFileOf, walFolder } from "./wal-shipper.ts";

/** Of the numbers of missing segments. */
const NAMED = 4;

/** See `RestoreMeans.lacks`. */
export async function lacksOfLog(objects: Objects, catalogue: Catalogue, wanted: Wanted): Promise<readonly string[]> {
  if (catalogue.wal === null) return [];
  const { names, holes, first, end, segmentBytes } = await planOf(objects, catalogue);
  const whole = new Set(names.flatMap((name) => parseSegment(name, segmentBytes)?.number ?? []));
  // An earlier time may lie in front of a hole: if it does not, the recovery says so.
  const harmful = wanted === "latest" ? holes : holes.filter((number) => number <= end);
  if (harmful.length > 0 && names.some((name) => !isHistory(name))) return [holesIn(harmful, catalogue)];
  // Postgres ends a segment behind each base. A partial one of that number was sent before, and lacks the end of the base.
  const awaited = Array.from({ length: end - first + 1 }, (_, at) => first + at).filter((number) => !whole.has(number));
  return awaited.length === 0 ? [] : [notThere(awaited.length, catalogue, await shippedAt(objects, catalogue))];
}

/** What a restore fetches of the log, as it is unpacked. */
export async function logBytes(objects: Objects, catalogue: Catalogue): Promise<number> {
  if (catalogue.wal === null) return 0;
  const { names, segmentBytes } = await planOf(objects, catalogue);
  return names.length * segmentBytes;
}

export async function planOf(objects: Objects, { wal, ...life }: Catalogue) {
  if (wal === null) throw new TypeError("a backup of a cluster has a log");
  const { segmentBytes } = wal;
  const names = await namesBelow(objects, walFolder(life));
  const byFile = new Map([...names.keys()].map((name) => [walFileOf(name), name]));
  const first = segmentOf(wal.start, segmentBytes);
  // A position is that of the byte behind.
  const end = Math.floor((bytesOf(wal.end) - 1) / segmentBytes);
  return { ...planWal([...byFile.keys()], first, segmentBytes), byFile, first, end, segmentBytes };
}

/** Up to when the target has the log. null: it has none. */
export async function shippedAt(objects: Objects, { cluster, generation }: LifeOfLog): Promise<string | null> {
  try {
    const said = JSON.parse(await text(await objects.read(shippedName({ cluster, generation })))) as {
      readonly at?: string;
    };
    return said.at ?? null;
  } catch (error) {
    if (error instanceof ContentMissing) return null;
    throw error;
  }
}

function holesIn(holes: readonly number[], { wal }: Catalogue): string {
  const named = holes.slice(0, NAMED).join(", ");
  return `the log of the backup has a hole: ${holes.length} segments are missing behind ${wal?.start} (numbers ${named}). Restore from another target, with --to ID of a later backup, or with --to TIME before it`;
}

function notThere(count: number, { id, wal, takenAt }: Catalogue, shipped: string | null): string {
  const has = shipped === null ? "no log" : `log up to ${shipped}`;
  const earlier = [shipped ?? takenAt, takenAt].sort()[0];
  return `the log that ${id} needs has not arrived: ${count} segments from ${wal?.start} to ${wal?.end} are not whole, and the target has ${has}. A process with ROLES=backup sends them some seconds after a base: wait, or see its /statusz. If it is lost, restore from another target, or with --to TIME before ${earlier}, which begins with an earlier backup`;
}
