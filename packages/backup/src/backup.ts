import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileStorage, Objects } from "@hubbub/files";
import { type Catalogue, catalogueName, newId, partName, writeCatalogue } from "./catalogue.ts";
import { contentLines, contentsOf, copyContents, readContentLines } from "./content.ts";
import type { Facts } from "./facts.ts";
import { type Keys, keyChunks } from "./keys.ts";
import { ledgerName, retainLedgers } from "./ledger.ts";
import { contentOf, type Packed, pack, unpacked } from "./pack.ts";
import { retain } from "./retention.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { Target } from "./target.ts";

/** What is backed up. */
export interface BackupSource {
  readonly kind: Catalogue["kind"];
  /** Packs the database into a folder of this machine. Everything that its rows name is in `files` until it is copied. */
  database(folder: string, seal: Seal): Promise<TakenDatabase>;
  keys(): Promise<Keys>;
  readonly files: FileStorage | undefined;
  /** What must hold after a restore too: erasures, removals, bans. */
  ledger(): AsyncIterable<Uint8Array>;
}

export interface TakenDatabase {
  readonly packed: Packed;
  readonly facts: Facts;
  readonly wal: Catalogue["wal"];
  readonly byHand: readonly string[];
}

export interface BackupOptions {
  readonly targets: readonly Target[];
  readonly recipients: readonly string[];
  /** Version of the build. */
  readonly build: string;
  /** A folder with space for the compressed database. */
  readonly spool: string;
  /**
   * Whether old backups are removed, asked when a target has the new one. Of several processes that take backups of one cluster, one may
   * remove: what the others are writing is in no catalogue yet.
   */
  mayRemove(): boolean;
}

/** How a target fared. The others are not held up by one that is away. */
export interface Delivery {
  readonly target: string;
  /** null: the target has the whole backup. */
  readonly fault: string | null;
  readonly copied: number;
  /** Content that was deleted while it was to be copied. */
  readonly gone: number;
  /** Ids of old backups. */
  readonly removed: readonly string[];
  /** Why old backups could not be removed, as where the service lets nobody delete. */
  readonly kept: string | null;
}

export interface BackupResult {
  readonly catalogue: Catalogue;
  readonly deliveries: readonly Delivery[];
}

const OWNER_ONLY = 0o700;

/** Takes a backup once and gives it to all targets at the same time. @throws what keeps it from being taken */
export async function backUp(source: BackupSource, options: BackupOptions): Promise<BackupResult> {
  await mkdir(options.spool, { recursive: true, mode: OWNER_ONLY });
  await removeLeft(options.spool);
  const folder = await mkdtemp(join(options.spool, SPOOLED));
  try {
    const seal = createSeal(options.recipients);
    const prepared = await prepare(source, folder, seal, options);
    const deliveries = await Promise.all(
      options.targets.map((target) => deliver(target, prepared, source, { seal, ...options })),
    );
    return { catalogue: prepared.catalogue, deliveries };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SPOOLED = "backup-";
const LEFT_MS = 86_400_000;

/** What a process that was killed has left. Another one may be at work now. */
async function removeLeft(spool: string): Promise<void> {
  for (const name of await readdir(spool)) {
    const path = join(spool, name);
    const isLeft = name.startsWith(SPOOLED) && Date.now() - (await stat(path)).mtimeMs > LEFT_MS;
    if (isLeft) await rm(path, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly catalogue: Catalogue;
  readonly parts: readonly Packed[];
  readonly list: Packed;
  readonly ledger: Packed;
}

/** The database first: whatever its rows name is in the list of files then, unless it is deleted. */
async function prepare(source: BackupSource, folder: string, seal: Seal, { build }: BackupOptions): Promise<Prepared> {
  const database = await source.database(folder, seal);
  const found = { count: 0, contentBytes: 0 };
  const counted = (async function* () {
    for await (const content of contentsOf(source.files)) {
      found.count += 1;
      found.contentBytes += content.bytes;
      yield content;
    }
  })();
  const keyFiles = await source.keys();
  const keys = keyFiles.size === 0 ? null : await pack(keyChunks(keyFiles), join(folder, "keys.json.gz"), seal);
  // Never sealed: it names hashes alone, and the cluster must be able to tell what no backup needs any more.
  const list = await pack(contentLines(counted), join(folder, "files.ndjson.gz"), createSeal([]));
  const ledger = await pack(source.ledger(), join(folder, "ledger.ndjson.gz"), seal);
  const { facts, wal, byHand } = database;
  const catalogue: Catalogue = {
    ...{ format: 1, id: newId(new Date(facts.takenAt)), kind: source.kind, endedAt: new Date().toISOString() },
    ...{ ...facts, hubbub: build, wal, recipients: [...seal.recipients] },
    ...{ database: partOf(database.packed), keys: keys === null ? null : partOf(keys) },
    files: { ...partOf(list), ...found },
    byHand: [...byHand],
  };
  return { catalogue, parts: [list, ...(keys === null ? [] : [keys]), database.packed], list, ledger };
}

function partOf({ name, bytes, sha256 }: Packed) {
  return { name, bytes, sha256 };
}

type How = Pick<BackupOptions, "mayRemove"> & { readonly seal: Seal };

async function deliver(target: Target, prepared: Prepared, source: BackupSource, how: How): Promise<Delivery> {
  const none = { target: target.label, copied: 0, gone: 0, removed: [], kept: null };
  try {
    await using objects = await target.open();
    const { copied, gone } = await put(objects, prepared, source, how.seal);
    return {
      ...none,
      fault: null,
      copied,
      gone,
      ...(how.mayRemove() ? await removeOld(objects, prepared.catalogue) : {}),
    };
  } catch (error) {
    return { ...none, fault: messageOf(error) };
  }
}

/** The new backup is whole, whether this succeeds or not. */
async function removeOld(objects: Objects, { cluster }: Catalogue): Promise<Pick<Delivery, "removed" | "kept">> {
  try {
    await retainLedgers(objects, cluster);
    return { removed: await retain(objects, cluster), kept: null };
  } catch (error) {
    return { removed: [], kept: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The catalogue last: a backup that has one is whole. */
async function put(objects: Objects, { catalogue, parts, list, ledger }: Prepared, source: BackupSource, seal: Seal) {
  const { id, cluster } = catalogue;
  for (const { name, path } of parts) await objects.put(partName(id, name), contentOf(path));
  const copied = await copyContents(source.files, readContentLines(unpacked(contentOf(list.path))), objects, seal);
  await objects.put(ledgerName(cluster, id, seal.suffix), contentOf(ledger.path));
  await objects.put(catalogueName(id), only(writeCatalogue(catalogue)));
  return copied;
}

async function* only(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
