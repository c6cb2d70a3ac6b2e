import type { Objects } from "@hubbub/files";
import { type Catalogue, partName } from "./catalogue.ts";
import { CONTENT, contentName, namesBelow, readContentLines } from "./content.ts";
import { checkPart } from "./fetch.ts";
import { unpacked } from "./pack.ts";
import { SEALED } from "./seal.ts";

/** What is wrong with a backup as it lies in its target, one sentence each. Opens no seal. */
export async function checkBackup(objects: Objects, catalogue: Catalogue): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const part of [catalogue.database, catalogue.keys, catalogue.files]) {
    const fault = part === null ? null : await checkPart(objects, catalogue, part);
    if (fault !== null) faults.push(fault);
  }
  return faults.some((fault) => fault.includes(catalogue.files.name))
    ? faults
    : [...faults, ...(await checkContents(objects, catalogue))];
}

/** There, and of the right size. A restore computes each hash. */
async function checkContents(objects: Objects, { id, files, recipients }: Catalogue): Promise<string[]> {
  const faults: string[] = [];
  const there = await namesBelow(objects, CONTENT);
  const isSealed = recipients.length > 0;
  const list = await objects.read(partName(id, files.name));
  for await (const { key, bytes } of readContentLines(unpacked(list))) {
    const name = contentName(key) + (isSealed ? SEALED : "");
    const found = there.get(name);
    if (found === undefined) faults.push(`${name} is missing`);
    else if (!isSealed && found !== bytes) faults.push(`${name} has ${found} bytes instead of ${bytes}`);
  }
  return faults;
}
