import { createPublicKey, hkdfSync } from "node:crypto";
import { importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { KeyFileError, readKeys, refuseOpenFile } from "./key-file.ts";
import { TokenVerifier } from "./token-verifier.ts";

/**
 * Signs and checks short-lived tokens: JWT, RS256 or EdDSA (Ed25519) as their key says, issuer, audience and type checked.
 *
 * Keys are a JWKS of private keys in a file. The first one signs, all of them verify. Rotation takes two steps with a
 * restart of all processes after each (`key-file.ts`): a key signs only when every process can verify with it.
 */
export interface SigningKeys {
  sign(claims: JWTPayload, ttlSeconds: number): Promise<string>;
  /** The claims, or null for a token that is wrong in any way. */
  verify(token: string): Promise<JWTPayload | null>;
  /** What others need to verify tokens (RFC 7517), the signing key first. */
  readonly publicKeys: readonly JWK[];
  /** A secret of 32 bytes out of each key, for one purpose: the first one seals, all of them check. */
  secrets(purpose: string): readonly Uint8Array[];
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
  const { algorithm, signer } = await importSigner(file, first);
  const verifier = createVerifier(file, keys);
  return {
    sign: (claims, ttlSeconds) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${ttlSeconds}s`)
        .sign(signer),
    verify: async (token) => verifier.verify(token, Date.now() / 1000),
    publicKeys: keys.map(publicPartOf),
    secrets: (purpose) => keys.map((key) => secretOf(key, purpose)),
  };
}

const SECRET_BYTES = 32;

/** The private part of a key says nothing of what is derived from it, nor the other way round. */
function secretOf({ d = "" }: JWK, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", Buffer.from(d, "base64url"), "", `hubbub ${purpose}`, SECRET_BYTES));
}

function publicPartOf(key: JWK): JWK {
  const { kty = "", n, e, crv, x } = createPublicKey({ key: { ...key }, format: "jwk" }).export({ format: "jwk" });
  const kind = kty === "OKP" ? { kty, crv, x, alg: "EdDSA" } : { kty, n, e, alg: "RS256" };
  return JSON.parse(JSON.stringify({ ...kind, kid: key.kid, use: "sig" })) as JWK;
}

function createVerifier(file: string, keys: readonly JWK[]): TokenVerifier {
  try {
    return new TokenVerifier(keys, {
      issuer: ISSUER,
      audience: AUDIENCE,
      type: TYPE,
      clockToleranceSeconds: CLOCK_TOLERANCE_S,
    });
  } catch (error) {
    throw new KeyFileError(`${file} holds a key that cannot verify; ${MAKE_ANOTHER}`, { cause: error });
  }
}

/** A key that cannot sign would otherwise be noticed at the first login. */
async function importSigner(file: string, key: JWK) {
  const algorithm = key.kty === "OKP" ? "EdDSA" : "RS256";
  try {
    const signer = await importJWK(key, algorithm);
    await new SignJWT({}).setProtectedHeader({ alg: algorithm }).sign(signer);
    return { algorithm, signer };
  } catch (error) {
    throw new KeyFileError(`the first key of ${file} cannot sign; ${MAKE_ANOTHER}`, { cause: error });
  }
}
