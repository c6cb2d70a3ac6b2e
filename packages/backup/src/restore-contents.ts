import { ContentMissing, createLocalStorage, type Objects } from "@hubbub/files";
import type { Catalogue } from "./catalogue.ts";
import { type Content, contentName } from "./content.ts";
import { type Identity, opened } from "./fetch.ts";
import { RestoreRefused } from "./refusals.ts";
import { SEALED, SealFault } from "./seal.ts";

export interface RestoredContents {
  readonly files: number;
  /** It was deleted while the backup was taken, or is damaged and was left out. */
  readonly missing: number;
}

const HASH_DIGITS = 64;
const NAMED = 5;

/**
 * Content comes back under its hash, which is computed again. @throws RestoreRefused when some is damaged, unless that is to be
 * left out
 */
export async function restoreContents(
  objects: Objects,
  catalogue: Catalogue,
  contents: AsyncIterable<Content>,
  { directory, identity, skipDamaged }: { directory: string; identity: Identity; skipDamaged: boolean },
): Promise<RestoredContents> {
  const storage = await createLocalStorage({ directory, keepFreeBytes: 0 });
  const done = { files: 0, missing: 0 };
  const damaged: string[] = [];
  for await (const content of contents) {
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

  async function restoreOne({ key, bytes }: Content): Promise<"restored" | "missing" | "damaged"> {
    try {
      const name = contentName(key) + (catalogue.recipients.length === 0 ? "" : SEALED);
      const staged = await storage.stage(opened(name, identity, await objects.read(name)));
      const isWhole = staged.bytes === bytes && (key.length > HASH_DIGITS || staged.hash === key);
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
