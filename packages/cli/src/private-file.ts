import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

let written = 0;

/** A file for its owner only. Through a second file, so that nobody ever reads half of it. @throws what the system says */
export function writePrivate(path: string, text: string): Promise<void> {
  return throughSecondFile(path, text, rename);
}

/** The same for a file that is not there yet. Answers whether it was written. */
export async function writePrivateOnce(path: string, text: string): Promise<boolean> {
  try {
    await throughSecondFile(path, text, link);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** undefined: there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}

/** `EACCES: permission denied, mkdir '…'` without code and path, which the sentence around it has already. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^[A-Z]+: |, \w+ '.*$/g, "") : String(error);
}

async function throughSecondFile(
  path: string,
  text: string,
  publish: (from: string, to: string) => Promise<void>,
): Promise<void> {
  written += 1;
  const next = `${path}.${process.pid}.${written}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(next, text, { mode: 0o600, flush: true });
    await publish(next, path);
  } finally {
    await rm(next, { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
