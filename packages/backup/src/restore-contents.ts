import { basename } from "node:path";
import { ContentMissing, createLocalStorage, type FileStorage, type Objects } from "@hubbub/files";
import type { Catalogue } from "./catalogue.ts";
import { CONTENT, type Content, contentName, namesBelow } from "./content.ts";
import { type Identity, opened } from "./fetch.ts";
import { RestoreRefused } from "./refusals.ts";
import { SEALED, SealFault } from "./seal.ts";

export interface RestoredContents {
  readonly files: number;
  /** It was deleted while the backup was taken, is not in the target, or is damaged and was left out. */
  readonly missing: number;
}

export interface RestoringContents {
  readonly directory: string;
  readonly identity: Identity;
  readonly skipDamaged: boolean;
}

const HASH_DIGITS = 64;
const NAMED = 5;

/** The content in the list of a backup. @throws RestoreRefused when some is damaged, unless that is to be left out */
export async function restoreContents(
  objects: Objects,
  { recipients }: Catalogue,
  contents: AsyncIterable<Content>,
  how: RestoringContents,
): Promise<RestoredContents> {
  const suffix = recipients.length === 0 ? "" : SEALED;
  const wanted = (async function* () {
    for await (const { key, bytes } of contents) yield { key, bytes, name: contentName(key) + suffix };
  })();
  return await restoreAll(objects, wanted, how);
}

/**
 * Behind the list: the content that the rows name and the list does not, because it was uploaded later. `named`: by hash, whether it is
 * the content of a file. `missing` counts all that the rows name. @throws RestoreRefused as `restoreContents`
 */
export async function restoreNamed(
  objects: Objects,
  named: ReadonlyMap<string, boolean>,
  listed: RestoredContents,
  how: RestoringContents,
): Promise<RestoredContents> {
  const before = await keysIn(how.directory);
  const wanted = new Map<string, Wanted>();
  for (const [name, bytes] of await namesBelow(objects, CONTENT)) {
    const isSealed = name.endsWith(SEALED);
    const key = basename(name, SEALED);
    if (named.has(hashOf(key)) && !before.has(key)) wanted.set(key, { key, name, bytes: isSealed ? null : bytes });
  }
  const { files } = await restoreAll(objects, wanted.values(), how);
  const keys = await keysIn(how.directory);
  const hashes = new Set([...keys].map(hashOf));
  const isMissing = ([hash, isFile]: [string, boolean]) => !(isFile ? keys : hashes).has(hash);
  return { files: listed.files + files, missing: [...named].filter(isMissing).length };
}

const hashOf = (key: string): string => key.slice(0, HASH_DIGITS);

async function keysIn(directory: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of (await storageIn(directory)).kept()) keys.add(key);
  return keys;
}

const storageIn = (directory: string): Promise<FileStorage> => createLocalStorage({ directory, keepFreeBytes: 0 });

interface Wanted {
  readonly key: string;
  /** Of the object in the target. */
  readonly name: string;
  /** null: only the seal knows. */
  readonly bytes: number | null;
}

/** Content comes back under its hash, which is computed again. */
async function restoreAll(
  objects: Objects,
  wanted: AsyncIterable<Wanted> | Iterable<Wanted>,
  { directory, identity, skipDamaged }: RestoringContents,
): Promise<RestoredContents> {
  const storage = await storageIn(directory);
  const done = { files: 0, missing: 0 };
  const damaged: string[] = [];
  for await (const content of wanted) {
    const fate = await restoreOne(content);
    if (fate === "restored") done.files += 1;
    else done.missing += 1;
    if (fate === "damaged") damaged.push(contentName(content.key));
  }
  if (damaged.length > 0 && !skipDamaged)
    throw new RestoreRefused([
      `${damaged.length} files are damaged in the target (${damaged.slice(0, NAMED).join(", ")}): restore from another target, or leave them out with --skip-damaged`,
    ]);
  return done;

  async function restoreOne({ key, name, bytes }: Wanted): Promise<"restored" | "missing" | "damaged"> {
    try {
      const staged = await storage.stage(opened(name, identity, await objects.read(name)));
      const hasSize = bytes === null || staged.bytes === bytes;
      const isWhole = hasSize && (key.length > HASH_DIGITS || staged.hash === key);
      if (isWhole) await staged.keep(key);
      else await staged.discard();
      return isWhole ? "restored" : "damaged";
    } catch (error) {
      if (error instanceof ContentMissing) return "missing";
      if (error instanceof SealFault) return "damaged";
      throw error;
    }
  }
}
