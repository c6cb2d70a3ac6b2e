import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How objects are sealed. Public keys alone: who writes backups cannot read them. */
export interface Seal {
  readonly recipients: readonly string[];
  /** Of the names of sealed objects, "" when they are plain. */
  readonly suffix: "" | ".age";
  close(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** The program `age` is missing or refuses; the message says what to do. */
export class SealFault extends Error {
  override readonly name = "SealFault";
}

/** X25519 keys of age, in Bech32. */
export const RECIPIENT = /^age1[ac-hj-np-z02-9]{58}$/;
const ERROR_CHARACTERS = 500;
const INSTALL = "install `age` (Debian and Ubuntu: apt-get install age)";

/** No recipients: everything stays plain. */
export function createSeal(recipients: readonly string[]): Seal {
  if (recipients.length === 0) return { recipients, suffix: "", close: (chunks) => chunks };
  const args = recipients.flatMap((recipient) => ["-r", recipient]);
  return { recipients, suffix: ".age", close: (chunks) => throughAge(["--encrypt", ...args], chunks) };
}

/** Opens what was sealed for the identity in a file. */
export function openSealed(identityFile: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return throughAge(["--decrypt", "-i", identityFile], chunks);
}

/** @throws SealFault, and what `chunks` throws */
async function* throughAge(args: readonly string[], chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const age = spawn("age", args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  age.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-ERROR_CHARACTERS);
  });
  const ended = once(age, "close").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new SealFault(`backups are sealed by the program age: ${INSTALL}`) : error;
  });
  let sourceFault: { readonly error: unknown } | undefined;
  const watched = (async function* () {
    try {
      yield* chunks;
    } catch (error) {
      sourceFault = { error };
      throw error;
    }
  })();
  // A program that ends early breaks the pipe: its exit code is the report that counts.
  const fed = pipeline(Readable.from(watched), age.stdin).catch(() => undefined);
  try {
    for await (const chunk of age.stdout) yield chunk as Uint8Array;
    await fed;
    const [code] = (await ended) as [number | null];
    if (sourceFault !== undefined) throw sourceFault.error;
    if (code !== 0) throw new SealFault(`age failed: ${said.trim() || `code ${code}`}`);
  } finally {
    age.kill();
    ended.catch(() => undefined);
  }
}
