import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ContentMissing, type Objects } from "@hubbub/files";
import { type Catalogue, type Part, partName } from "./catalogue.ts";
import { Meter, unpacked } from "./pack.ts";
import { RestoreRefused } from "./refusals.ts";
import { openSealed, SEALED } from "./seal.ts";

const OWNER_ONLY = 0o600;

/** Reads a part to its end. null: it is what the catalogue says; otherwise what is wrong with it. */
export async function checkPart(objects: Objects, { id }: Catalogue, part: Part): Promise<string | null> {
  return await measure(objects, id, part, async (chunks) => {
    for await (const _ of chunks);
  });
}

/** Brings the parts of a backup to this machine. @throws RestoreRefused with every part that is not as the catalogue says */
export async function fetchParts(
  objects: Objects,
  catalogue: Catalogue,
  parts: readonly Part[],
  folder: string,
): Promise<void> {
  const faults: string[] = [];
  for (const part of parts) {
    const file = createWriteStream(join(folder, part.name), { mode: OWNER_ONLY, flags: "wx" });
    const fault = await measure(objects, catalogue.id, part, (chunks) => pipeline(Readable.from(chunks), file));
    if (fault !== null) faults.push(`${fault}: restore from another target, or an earlier backup`);
  }
  if (faults.length > 0) throw new RestoreRefused(faults);
}

async function measure(
  objects: Objects,
  id: string,
  { name, bytes, sha256 }: Part,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<string | null> {
  const meter = new Meter();
  try {
    await read(meter.through(await objects.read(partName(id, name))));
  } catch (error) {
    if (error instanceof ContentMissing) return `${partName(id, name)} is missing`;
    throw error;
  }
  const found = meter.result();
  if (found.bytes !== bytes) return `${partName(id, name)} has ${found.bytes} bytes, and the catalogue says ${bytes}`;
  return found.sha256 === sha256
    ? null
    : `${partName(id, name)} is damaged: its SHA-256 is not what the catalogue says`;
}

/** What a sealed backup is opened with: a file with the identity, undefined when there is none. */
export type Identity = string | undefined;

/** @throws RestoreRefused when the backup is sealed and nothing opens it */
export function assertOpenable({ recipients }: Catalogue, identity: Identity): void {
  if (recipients.length > 0 && identity === undefined)
    throw new RestoreRefused([
      `the backup is sealed for ${recipients.join(", ")}: give the file with the secret key, --identity FILE`,
    ]);
}

/** Through the seal, if the name says that there is one. @throws RestoreRefused when nothing opens it */
export function opened(name: string, identity: Identity, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (!name.endsWith(SEALED)) return chunks;
  if (identity === undefined) throw new RestoreRefused([`${name} is sealed: give the secret key, --identity FILE`]);
  return openSealed(identity, chunks);
}

/** A part that was fetched, as it was before it was packed. */
export function openPart({ name }: Part, folder: string, identity: Identity): AsyncIterable<Uint8Array> {
  return unpacked(opened(name, identity, createReadStream(join(folder, name))));
}
