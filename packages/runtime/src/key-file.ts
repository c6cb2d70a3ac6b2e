import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { exportJWK, generateKeyPair, type JWK } from "jose";

/** A key file that cannot be used, or a change to it that cannot be made. The message says what to do. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

/** Of new keys: an RS256 signature is verified in a quarter of the time of an Ed25519 one. Ed25519 keys of earlier files work on. */
const ALGORITHM = "RS256";
const MODULUS_BITS = 2_048;
const OWNER_ONLY = 0o600;
/** Others may do nothing, the group may read: orchestrators mount secrets with the group of the process. */
const FORBIDDEN = 0o037;

/** @throws KeyFileError when others can read or change it. Windows has no such modes and is not checked. */
export async function refuseOpenFile(file: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & FORBIDDEN) === 0) return;
  const shown = (mode & 0o777).toString(8);
  throw new KeyFileError(
    `${file} is open to other users (mode ${shown}): run \`chmod 600 ${file}\`; if others may have read it, rotate the keys`,
  );
}

/** The first one signs. @throws KeyFileError when the file is no set of keys */
export async function readKeys(file: string): Promise<readonly JWK[]> {
  return parse(file, await readFile(file, "utf8"));
}

/** Makes the file with its first key unless it is there. */
export async function ensureSigningKeys(file: string): Promise<void> {
  if ((await readIfThere(file)) === null) await addSigningKey(file);
}

/** A new key after the others: it verifies and does not sign, unless it is the only one. Answers its kid. */
export async function addSigningKey(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
  const kid = crypto.randomUUID();
  const key = { ...(await exportJWK(privateKey)), kid, use: "sig", alg: ALGORITHM };
  await replace(file, [...((await readIfThere(file)) ?? []), key]);
  return kid;
}

/** Makes a key sign. `kid` may be left out when there is one besides the signing one. Answers its kid. */
export async function promoteSigningKey(file: string, kid?: string): Promise<string> {
  const keys = await readKeys(file);
  const chosen = chooseOther(file, keys, kid);
  await replace(file, [chosen, ...keys.filter((key) => key !== chosen)]);
  return chosen.kid ?? "";
}

/** Takes a key out that does not sign: tokens signed with it are refused from the next start on. Answers its kid. */
export async function removeSigningKey(file: string, kid?: string): Promise<string> {
  const keys = await readKeys(file);
  const chosen = chooseOther(file, keys, kid);
  await replace(
    file,
    keys.filter((key) => key !== chosen),
  );
  return chosen.kid ?? "";
}

function chooseOther(file: string, [signing, ...others]: readonly JWK[], kid: string | undefined): JWK {
  if (kid !== undefined && kid === signing?.kid) {
    throw new KeyFileError(`key ${kid} of ${file} signs already; it cannot be promoted, and not removed either`);
  }
  const matching = kid === undefined ? others : others.filter((key) => key.kid === kid);
  const [chosen] = matching;
  if (matching.length === 1 && chosen !== undefined) return chosen;
  const names = others.map((key) => key.kid).join(", ");
  throw new KeyFileError(
    names === ""
      ? `${file} holds only the key that signs: add one with \`keys ${file} --add\``
      : `name one key of ${file} that does not sign: ${names}`,
  );
}

/** A crash leaves the old file whole. */
async function replace(file: string, keys: readonly JWK[]): Promise<void> {
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: OWNER_ONLY });
  await rename(next, file);
}

async function readIfThere(file: string): Promise<readonly JWK[] | null> {
  try {
    return await readKeys(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function parse(file: string, text: string): readonly JWK[] {
  try {
    const { keys } = JSON.parse(text) as { keys: JWK[] };
    if (Array.isArray(keys)) return keys;
  } catch (error) {
    throw new KeyFileError(`${file} is no JSON; restore it, or move it away and make a new one`, { cause: error });
  }
  throw new KeyFileError(`${file} has no list of keys; restore it, or move it away and make a new one`);
}
