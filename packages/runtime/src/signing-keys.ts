import { readFile, rename, writeFile } from "node:fs/promises";
import {
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";

/**
 * Signs and checks short-lived tokens: JWT, EdDSA (Ed25519) and nothing else, issuer, audience and type checked.
 *
 * Keys are a JWKS of private keys in a file. The first one signs, all of them verify: to rotate, put a new key first,
 * restart, and take the old one out after the longest token life.
 */
export interface SigningKeys {
  sign(claims: JWTPayload, ttlSeconds: number): Promise<string>;
  /** The claims, or null for a token that is wrong in any way. */
  verify(token: string): Promise<JWTPayload | null>;
}

const ALGORITHM = "EdDSA";
const ISSUER = "hubbub";
const AUDIENCE = "hubbub";
const TYPE = "at+jwt";
const CLOCK_TOLERANCE_S = 5;
const OWNER_ONLY = 0o600;

/** @throws when the file cannot be read or holds no usable key */
export async function readSigningKeys(file: string): Promise<SigningKeys> {
  const { keys } = JSON.parse(await readFile(file, "utf8")) as { keys: JWK[] };
  const [first] = keys;
  if (first?.kid === undefined) throw new Error(`${file} holds no key with a kid`);
  const { kid } = first;
  const signer = await importJWK(first, ALGORITHM);
  const verifiers = createLocalJWKSet({ keys: keys.map(({ d: _private, ...publicKey }) => publicKey) });
  const checks = {
    algorithms: [ALGORITHM],
    issuer: ISSUER,
    audience: AUDIENCE,
    typ: TYPE,
    clockTolerance: CLOCK_TOLERANCE_S,
    requiredClaims: ["sub", "exp"],
  };
  return {
    sign: (claims, ttlSeconds) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${ttlSeconds}s`)
        .sign(signer),
    async verify(token) {
      try {
        return (await jwtVerify(token, verifiers, checks)).payload;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** Puts a new key in front of those in the file, which is made when it is missing. A crash leaves the old file whole. */
export async function addSigningKey(file: string): Promise<void> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), use: "sig", alg: ALGORITHM };
  const known = await readIfThere(file);
  const keys = known === null ? [] : (JSON.parse(known) as { keys: JWK[] }).keys;
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify({ keys: [key, ...keys] }, null, 2)}\n`, { mode: OWNER_ONLY });
  await rename(next, file);
}

/** Makes the file with its first key unless it is there. */
export async function ensureSigningKeys(file: string): Promise<void> {
  if ((await readIfThere(file)) === null) await addSigningKey(file);
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
