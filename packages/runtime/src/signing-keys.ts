import { createLocalJWKSet, errors, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { ALGORITHM, KeyFileError, readKeys, refuseOpenFile } from "./key-file.ts";

/**
 * Signs and checks short-lived tokens: JWT, EdDSA (Ed25519) and nothing else, issuer, audience and type checked.
 *
 * Keys are a JWKS of private keys in a file. The first one signs, all of them verify. Rotation takes two steps with a
 * restart of all processes after each (`key-file.ts`): a key signs only when every process can verify with it.
 */
export interface SigningKeys {
  sign(claims: JWTPayload, ttlSeconds: number): Promise<string>;
  /** The claims, or null for a token that is wrong in any way. */
  verify(token: string): Promise<JWTPayload | null>;
}

const ISSUER = "hubbub";
const AUDIENCE = "hubbub";
const TYPE = "at+jwt";
const CLOCK_TOLERANCE_S = 5;
const MAKE_ANOTHER = "make one with `main.js keys FILE`";

/** @throws KeyFileError when the file cannot be used: unreadable, readable by others, without a key that signs */
export async function readSigningKeys(file: string): Promise<SigningKeys> {
  await refuseOpenFile(file);
  const keys = await readKeys(file);
  const [first] = keys;
  if (first?.kid === undefined) throw new KeyFileError(`${file} holds no key with a kid; ${MAKE_ANOTHER}`);
  const { kid } = first;
  const signer = await importSigner(file, first);
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

/** A key that cannot sign would otherwise be noticed at the first login. */
async function importSigner(file: string, key: JWK): Promise<Awaited<ReturnType<typeof importJWK>>> {
  try {
    const signer = await importJWK(key, ALGORITHM);
    await new SignJWT({}).setProtectedHeader({ alg: ALGORITHM }).sign(signer);
    return signer;
  } catch (error) {
    throw new KeyFileError(`the first key of ${file} cannot sign; ${MAKE_ANOTHER}`, { cause: error });
  }
}
