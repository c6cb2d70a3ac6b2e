import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The end of the name of a sealed object. */
export const SEALED = ".age";

/** How objects are sealed. Public keys alone: who writes backups cannot read them. */
export interface Seal {
  readonly recipients: readonly string[];
  /** Of the names of sealed objects, "" when they are plain. */
  readonly suffix: "" | typeof SEALED;
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
  return { recipients, suffix: SEALED, close: (chunks) => throughAge(["--encrypt", ...args], chunks) };
}

/** Opens what was sealed for the identity in a file. */
export function openSealed(identityFile: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return throughAge(["--decrypt", "-i", identityFile], chunks);
}

/**
 * Makes a file with a secret key, which belongs to the operator and not to the server. Answers its public key.
 * @throws SealFault, also when the file is there already
 */
export async function makeIdentity(file: string): Promise<string> {
  const keygen = spawn("age-keygen", ["-o", file], { stdio: ["ignore", "ignore", "pipe"] });
  const { code, said } = await endOf(keygen);
  if (code !== 0) throw new SealFault(`age-keygen failed: ${said}`);
  const [, recipient] = /^# public key: (age1\S+)$/m.exec(await readFile(file, "utf8")) ?? [];
  if (recipient === undefined) throw new SealFault(`${file} has no public key`);
  return recipient;
}

/** The end of what it says on stderr, and its exit code. @throws SealFault when the program is missing */
async function endOf(program: ChildProcess): Promise<{ readonly code: number | null; readonly said: string }> {
  let said = "";
  program.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-ERROR_CHARACTERS);
  });
  const [code] = await once(program, "close").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new SealFault(`backups are sealed by the program age: ${INSTALL}`) : error;
  });
  return { code: code as number | null, said: said.trim() || `code ${code}` };
}

/** @throws SealFault, and what `chunks` throws */
async function* throughAge(args: readonly string[], chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const age = spawn("age", args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = endOf(age);
  ended.catch(() => undefined);
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
    const { code, said } = await ended;
    await fed;
    if (sourceFault !== undefined) throw sourceFault.error;
    if (code !== 0) throw new SealFault(`age failed: ${said}`);
  } finally {
    age.kill();
  }
}
