import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Objects } from "@hubbub/files";
import type { Store } from "@hubbub/store";
import type { Catalogue } from "./catalogue.ts";
import { listBackups } from "./catalogues.ts";
import { choose, type Wanted } from "./choose.ts";
import { readContentLines } from "./content.ts";
import { assertOpenable, fetchParts, type Identity, opened, openPart } from "./fetch.ts";
import { readKeys, SIGNING_KEYS } from "./keys.ts";
import { type LedgerEntry, newestLedger, readLedger } from "./ledger.ts";
import { namedContents } from "./named-contents.ts";
import { unpacked } from "./pack.ts";
import { discards, type Live, RestoreRefused } from "./refusals.ts";
import { type Replayed, replay } from "./replay.ts";
import { type RestoredContents, type RestoringContents, restoreContents, restoreNamed } from "./restore-contents.ts";
import { type Step, Steps } from "./steps.ts";

export interface RestoreOptions {
  readonly objects: Objects;
  readonly wanted: Wanted;
  /** An empty directory, or none yet. */
  readonly into: string;
  readonly identity: Identity;
  readonly discardNewer: boolean;
  readonly withoutKeys: boolean;
  readonly skipDamaged: boolean;
  readonly keepSessions: boolean;
  /** Entries that the operator gives, beside the newest ledger of the target. */
  readonly ledger: readonly LedgerEntry[];
  /** What is alive beside the backup, and newer than `to`. */
  live(catalogue: Catalogue, to: Date): Promise<{ live: Live | null; inLog: Situation["inLog"] }>;
  readonly means: RestoreMeans;
  /** Looks at what was restored, by its URL or, embedded, in its directory. Answers whether it is clean. */
  verify(url: string | null): Promise<boolean>;
}

type Situation = Parameters<typeof discards>[0];

/** How a database of one kind comes back. */
export interface RestoreMeans {
  readonly kind: Catalogue["kind"];
  /** Why a backup cannot be restored although its parts are whole, one sentence each. */
  lacks(objects: Objects, catalogue: Catalogue, wanted: Wanted): Promise<readonly string[]>;
  /** The time that `latest` means. */
  endOf(objects: Objects, catalogue: Catalogue): Promise<Date>;
  /** Unpacks the database below `into` and opens it. `packed`: what was fetched. */
  open(work: DatabaseWork): Promise<OpenDatabase>;
  /** Begins a new generation, above this one. Answers a line for the report. */
  adopt(database: OpenDatabase, how: Adopting): Promise<string>;
}

export interface Adopting {
  readonly above: number;
  readonly reason: string;
  readonly keepSessions: boolean;
}

export interface DatabaseWork {
  readonly catalogue: Catalogue;
  readonly objects: Objects;
  readonly identity: Identity;
  readonly wanted: Wanted;
  readonly into: string;
  /** Where fetched parts are; it goes when the restore ends. */
  readonly folder: string;
  readonly steps: Steps;
}

export interface OpenDatabase extends AsyncDisposable {
  readonly store: Store;
  /** Of the server that runs until the restore ends; null: the database is in this process. */
  readonly url: string | null;
  /** The time that it has. */
  readonly at: Date;
}

export interface RestoreReport {
  readonly catalogue: Catalogue;
  readonly adopted: string;
  readonly replayed: Replayed;
  readonly contents: RestoredContents;
  readonly isClean: boolean;
  /** The time that was restored. */
  readonly at: Date;
  readonly steps: readonly Step[];
}

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY = 0o600;
const WORK = ".restore";
const WITHOUT_KEYS =
  "what they encrypt cannot be read. Put the files of AUTH_KEYS_FILE and SECRET_KEYS in place yourself, and add --without-keys";

/** Nothing is written before every reason to refuse was looked at. What a failed restore has made is removed. @throws RestoreRefused */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const steps = new Steps();
  const { objects, into, wanted } = options;
  await assertEmpty(into);
  const { catalogue, above, ledger } = await steps.run("look", () => decide(options));
  const folder = join(into, WORK);
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  try {
    const { identity, means, keepSessions } = options;
    const listed = await bringBack(options, catalogue, folder, steps);
    const work = { catalogue, objects, identity, wanted, into, folder, steps };
    const verify = (url: string | null) => steps.run("verify", () => options.verify(url));
    const { url, ...done } = await withDatabase(await means.open(work), async (database) => {
      const contents = await steps.run("files of the log", () => behindList(options, database, listed));
      const reason = `restored from ${catalogue.id}`;
      const adopted = await steps.run("adopt", () => means.adopt(database, { above, reason, keepSessions }));
      const replayed = await steps.run("take away again", () => replay(database.store, ledger, database.at));
      const isClean = database.url === null || (await verify(database.url));
      return { adopted, replayed, contents, isClean, at: database.at, url: database.url };
    });
    const isClean = url === null ? await verify(null) : done.isClean;
    await rm(folder, { recursive: true });
    return { catalogue, ...done, isClean, steps: steps.taken };
  } catch (error) {
    for (const name of await readdir(into)) await rm(join(into, name), { recursive: true, force: true });
    throw error;
  }
}

/** Of an embedded database the list has everything. */
async function behindList(options: RestoreOptions, { url }: OpenDatabase, listed: RestoredContents) {
  return url === null
    ? listed
    : await restoreNamed(options.objects, await namedContents(url), listed, filesOf(options));
}

function filesOf({ into, identity, skipDamaged }: RestoreOptions): RestoringContents {
  return { directory: join(into, "files"), identity, skipDamaged };
}

async function withDatabase<Result>(
  database: OpenDatabase,
  work: (database: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(database);
  } finally {
    await database[Symbol.asyncDispose]();
  }
}

async function assertEmpty(into: string): Promise<void> {
  const names = await readdir(into).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length > 0)
    throw new RestoreRefused([
      `${into} is not empty: name an empty directory with --into, and move it when all is well`,
    ]);
}

async function decide(options: RestoreOptions) {
  const { objects, wanted, means, identity, withoutKeys, discardNewer } = options;
  const listing = await listBackups(objects);
  const catalogue = choose(listing, wanted, means.kind);
  assertOpenable(catalogue, identity);
  const to = await timeOf(options, catalogue);
  const ofCluster = listing.backups.filter(({ catalogue: { cluster } }) => cluster === catalogue.cluster);
  const newestGeneration = Math.max(...ofCluster.map(({ catalogue: { generation } }) => generation));
  const found = await options.live(catalogue, to);
  const reasons = discardNewer ? [] : discards({ catalogue, to, newestGeneration, ...found });
  if (catalogue.keys === null && !withoutKeys) reasons.push(`the backup has no keys: ${WITHOUT_KEYS}`);
  reasons.push(...(await means.lacks(objects, catalogue, wanted)));
  const ledger = await readNewestLedger(objects, catalogue, identity).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    reasons.push(
      `the ledger of erased users and removals cannot be read (${why}): they would come back. Restore from another target`,
    );
    return [];
  });
  if (reasons.length > 0) throw new RestoreRefused(reasons);
  const above = Math.max(newestGeneration, found.live?.generation ?? 0);
  return { catalogue, above, ledger: [...ledger, ...options.ledger] };
}

/** The time that is restored. */
async function timeOf({ wanted, means, objects }: RestoreOptions, catalogue: Catalogue): Promise<Date> {
  if (wanted instanceof Date) return wanted;
  return wanted === "latest" ? await means.endOf(objects, catalogue) : new Date(catalogue.takenAt);
}

async function readNewestLedger(
  objects: Objects,
  { cluster }: Catalogue,
  identity: Identity,
): Promise<readonly LedgerEntry[]> {
  const name = await newestLedger(objects, cluster);
  if (name === null) throw new Error("the target has none");
  return await readLedger(unpacked(opened(name, identity, await objects.read(name))));
}

/** What is no database: the parts are fetched and checked, then keys and files unpacked. */
async function bringBack(
  options: RestoreOptions,
  catalogue: Catalogue,
  folder: string,
  steps: Steps,
): Promise<RestoredContents> {
  const { objects, into, identity } = options;
  const parts = [catalogue.database, catalogue.files, ...(catalogue.keys === null ? [] : [catalogue.keys])];
  await steps.run("fetch and check", () => fetchParts(objects, catalogue, parts, folder));
  if (catalogue.keys !== null) {
    const keys = await readKeys(openPart(catalogue.keys, folder, identity));
    if (!keys.has(SIGNING_KEYS) && !options.withoutKeys)
      throw new RestoreRefused([`the backup has no signing keys: ${WITHOUT_KEYS}`]);
    for (const [name, content] of keys) await writeFile(join(into, name), content, { mode: OWNER_ONLY, flag: "wx" });
  }
  const list = readContentLines(openPart(catalogue.files, folder, identity));
  return await steps.run("files", () => restoreContents(objects, catalogue, list, filesOf(options)));
}
