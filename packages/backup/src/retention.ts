import { text } from "node:stream/consumers";
import { ContentMissing, type Objects } from "@hubbub/files";
import { BACKUPS, type Catalogue, catalogueName, partName } from "./catalogue.ts";
import { type Listed, listBackups } from "./catalogues.ts";
import { CONTENT, contentName, namesBelow, readContentLines } from "./content.ts";
import { unpacked } from "./pack.ts";
import { isPartial, parseSegment, segmentOf, withoutPartial } from "./wal-names.ts";
import { lifeOf, WAL, walFileOf, walFolder } from "./wal-shipper.ts";

const DAYS = 7;
const WEEKS = 5;
const MONTHS = 12;
const DAY_MS = 86_400_000;
/** Since when content has no name. */
const UNNAMED = "unnamed.json";
/** No backup takes longer. */
const UNFINISHED_MS = 2 * DAY_MS;
/** The first Monday of Unix time. */
const MONDAY_MS = 4 * DAY_MS;

/** What tells apart the periods of one length. */
const PERIODS: readonly { readonly kept: number; readonly of: (takenAt: string) => string | number }[] = [
  { kept: DAYS, of: (takenAt) => takenAt.slice(0, "2026-11-27".length) },
  { kept: WEEKS, of: (takenAt) => Math.floor((Date.parse(takenAt) - MONDAY_MS) / (7 * DAY_MS)) },
  { kept: MONTHS, of: (takenAt) => takenAt.slice(0, "2026-11".length) },
];

/**
 * The backups to remove: all but those of the last 24 hours, the newest one of each of the last 7 days, 5 weeks and 12
 * months that have one, and the newest one that was tested. Oldest first, as `backups` are.
 */
export function outdated(backups: readonly Listed[]): readonly Listed[] {
  const newestFirst = [...backups].reverse();
  const [newest] = newestFirst;
  const kept = new Set<Listed | undefined>([newestFirst.find(({ isTested }) => isTested)]);
  for (const backup of backups) if (newest !== undefined && timeOf(newest) - timeOf(backup) < DAY_MS) kept.add(backup);
  for (const { kept: most, of } of PERIODS) {
    const seen = new Set<string | number>();
    for (const backup of newestFirst) {
      const period = of(backup.catalogue.takenAt);
      if (seen.has(period)) continue;
      if (seen.size === most) break;
      seen.add(period);
      kept.add(backup);
    }
  }
  return backups.filter((backup) => !kept.has(backup));
}

const timeOf = ({ catalogue }: Listed): number => Date.parse(catalogue.takenAt);

/** Removes what is outdated of a cluster, and content that no backup of any cluster names any more. Answers the ids. */
export async function retain(objects: Objects, cluster: string, now = Date.now()): Promise<readonly string[]> {
  const { backups, faults, unfinished } = await listBackups(objects);
  const own = backups.filter(({ catalogue }) => catalogue.cluster === cluster);
  const removed = outdated(own);
  for (const { catalogue } of removed) {
    const { id } = catalogue;
    const names = await namesBelow(objects, `${BACKUPS}${id}/`);
    // The catalogue goes last: what an interruption leaves is found again.
    for (const name of names.keys()) if (name !== catalogueName(id)) await objects.remove(name);
    await objects.remove(catalogueName(id));
  }
  for (const id of unfinished.filter((one) => now - begunAt(one) >= UNFINISHED_MS))
    for (const name of (await namesBelow(objects, `${BACKUPS}${id}/`)).keys()) await objects.remove(name);
  const kept = backups.filter((backup) => !removed.includes(backup));
  // What an unreadable catalogue names, or a backup that is being written, is not known.
  const isKnown = faults.length === 0 && !unfinished.some((id) => now - begunAt(id) < UNFINISHED_MS);
  if (isKnown) await removeContents(objects, kept, now);
  if (isKnown) await removeWal(objects, { own, kept: own.filter((backup) => kept.includes(backup)), now });
  return removed.map(({ catalogue }) => catalogue.id);
}

/** Of the name of a backup, in Unix ms; NaN: it is none. */
function begunAt(id: string): number {
  return Date.parse(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, "$1-$2-$3T$4:$5:$6Z"));
}

interface Retained {
  /** With those that were just removed. */
  readonly own: readonly Listed[];
  readonly kept: readonly Listed[];
  readonly now: number;
}

/** From the bases of the last days on any time can be restored; of older ones the log of each base stays. */
async function removeWal(objects: Objects, { own, kept, now }: Retained): Promise<void> {
  const newest = Math.max(...kept.map(timeOf));
  const ranges = kept.flatMap((backup) => {
    const { wal } = backup.catalogue;
    if (wal === null) return [];
    const isRecent = newest - timeOf(backup) < DAYS * DAY_MS;
    const [from, end] = [segmentOf(wal.start, wal.segmentBytes), segmentOf(wal.end, wal.segmentBytes)];
    const to = isRecent ? Infinity : end;
    return [{ folder: walFolder(backup.catalogue), from, to, segmentBytes: wal.segmentBytes }];
  });
  const [range] = ranges;
  if (range === undefined) return;
  const settled = settledLog(own, now);
  for (const name of (await namesBelow(objects, WAL)).keys()) {
    const file = walFileOf(name);
    const number = parseSegment(isPartial(file) ? withoutPartial(file) : file, range.segmentBytes)?.number;
    const ofFolder = ranges.filter(({ folder }) => name.startsWith(folder));
    const isNeeded = ofFolder.some(({ from, to }) => number === undefined || (number >= from && number <= to));
    if (!isNeeded && settled(name, number ?? 0)) await objects.remove(name);
  }
}

/**
 * Whether a segment lies in front of every base that is being taken: the first one of a generation, or one whose process no longer
 * removes anything, has no catalogue yet.
 */
function settledLog(own: readonly Listed[], now: number): (name: string, number: number) => boolean {
  const generation = Math.max(...own.map(({ catalogue }) => catalogue.generation));
  const clusters = new Set(own.map(({ catalogue }) => catalogue.cluster));
  const old = own.filter((backup) => now - timeOf(backup) >= UNFINISHED_MS).map(({ catalogue }) => catalogue);
  return (name, number) => {
    const life = lifeOf(name);
    if (!clusters.has(life.cluster)) return false;
    const isBehind = ({ wal, ...its }: Catalogue) =>
      wal !== null && name.startsWith(walFolder(its)) && number < segmentOf(wal.start, wal.segmentBytes);
    return life.generation < generation || old.some(isBehind);
  };
}

/**
 * Content that no list names may have been uploaded since the last backup, or be needed by a backup whose list is not there yet. It goes
 * when it was found without a name two days before.
 */
async function removeContents(objects: Objects, kept: readonly Listed[], now: number): Promise<void> {
  const named = new Set<string>();
  for (const { catalogue } of kept) {
    const list = await objects.read(partName(catalogue.id, catalogue.files.name));
    for await (const { key } of readContentLines(unpacked(list))) named.add(contentName(key));
  }
  const known = await readUnnamed(objects);
  const all = [...(await namesBelow(objects, CONTENT)).keys()];
  const since = new Map(
    all.filter((name) => !named.has(name.replace(/\.age$/, ""))).map((name) => [name, known.get(name) ?? now]),
  );
  const gone = [...since].filter(([, at]) => now - at >= UNFINISHED_MS).map(([name]) => name);
  for (const name of gone) since.delete(name);
  // Before the removal: what is uploaded again after it begins anew.
  if (since.size > 0 || known.size > 0) await objects.put(UNNAMED, only(JSON.stringify(Object.fromEntries(since))));
  for (const name of gone) await objects.remove(name);
}

/** By name of the object, Unix ms. */
async function readUnnamed(objects: Objects): Promise<ReadonlyMap<string, number>> {
  try {
    return new Map(Object.entries(JSON.parse(await text(await objects.read(UNNAMED)))));
  } catch (error) {
    // One that cannot be read is begun anew: that only keeps content for longer.
    if (error instanceof ContentMissing || error instanceof SyntaxError) return new Map();
    throw error;
  }
}

async function* only(value: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(value);
}
