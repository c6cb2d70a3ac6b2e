import { text } from "node:stream/consumers";
import type { Objects } from "@hubbub/files";
import { BACKUPS, BadCatalogue, type Catalogue, catalogueName, readCatalogue, testedName } from "./catalogue.ts";

export interface Listed {
  readonly catalogue: Catalogue;
  /** It was restored and verified once. */
  readonly isTested: boolean;
}

export interface Listing {
  /** Oldest first. */
  readonly backups: readonly Listed[];
  /** Catalogues that cannot be read, one sentence each. */
  readonly faults: readonly string[];
  /** Names of folders without a catalogue: a backup that is being written, or was never finished. */
  readonly unfinished: readonly string[];
}

/** Everything that a target has. */
export async function listBackups(objects: Objects): Promise<Listing> {
  const names = new Set<string>();
  for await (const { name } of objects.list(BACKUPS)) names.add(name);
  const backups: Listed[] = [];
  const faults: string[] = [];
  const unfinished: string[] = [];
  const ids = new Set([...names].map((name) => name.split("/")[1] ?? ""));
  for (const id of [...ids].sort()) {
    if (!names.has(catalogueName(id))) {
      unfinished.push(id);
      continue;
    }
    try {
      const catalogue = readCatalogue(await text(await objects.read(catalogueName(id))), catalogueName(id));
      backups.push({ catalogue, isTested: names.has(testedName(id)) });
    } catch (error) {
      if (!(error instanceof BadCatalogue)) throw error;
      faults.push(error.message);
    }
  }
  return { backups, faults, unfinished };
}
