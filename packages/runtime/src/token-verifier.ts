import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, errors, type JWK, type JWTPayload } from "jose";

/** What a token must say besides its signature. */
export interface TokenChecks {
  readonly issuer: string;
  readonly audience: string;
  readonly type: string;
  readonly clockToleranceSeconds: number;
}

/** Compact serialization, RFC 7515 §7.1. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Hash that node:crypto needs for an algorithm; Ed25519 has its own. */
const HASHES = { RS256: "sha256", EdDSA: null } as const;
type Algorithm = keyof typeof HASHES;

interface PublicKey {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/**
 * Verifies in this thread. WebCrypto, which jose uses, hands each token to another thread and back: three times the CPU
 * time of an RS256 signature, and a crowd that comes back brings thousands of them.
 * @throws TypeError when a key is of another kind
 */
export class TokenVerifier {
  readonly #keys: ReadonlyMap<string, PublicKey>;
  readonly #checks: TokenChecks;

  constructor(keys: readonly JWK[], checks: TokenChecks) {
    this.#keys = new Map(keys.map((jwk) => [jwk.kid ?? "", publicKeyOf(jwk)]));
    this.#checks = checks;
  }

  /** The claims, or null for a token that is wrong in any way. `nowSeconds`: Unix time. */
  verify(token: string, nowSeconds: number): JWTPayload | null {
    try {
      return COMPACT.test(token) && this.#isSigned(token) ? this.#claims(token, nowSeconds) : null;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  /** The key decides about the algorithm, never the token. */
  #isSigned(token: string): boolean {
    const { alg, kid, typ, crit } = decodeProtectedHeader(token);
    const known = kid === undefined ? undefined : this.#keys.get(kid);
    if (known === undefined || alg !== known.algorithm || typ !== this.#checks.type || crit !== undefined) return false;
    const end = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(end + 1), "base64url");
    return verify(HASHES[known.algorithm], Buffer.from(token.slice(0, end)), known.key, signature);
  }

  #claims(token: string, nowSeconds: number): JWTPayload | null {
    const claims = decodeJwt(token);
    const { issuer, audience, clockToleranceSeconds } = this.#checks;
    const { iss, aud, sub, exp, nbf = 0 } = claims;
    const isMeant = iss === issuer && aud === audience && typeof sub === "string";
    const isNow =
      typeof exp === "number" &&
      exp > nowSeconds - clockToleranceSeconds &&
      typeof nbf === "number" &&
      nbf <= nowSeconds + clockToleranceSeconds;
    return isMeant && isNow ? claims : null;
  }
}

function publicKeyOf(jwk: JWK): PublicKey {
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  if (key.asymmetricKeyType === "rsa") return { algorithm: "RS256", key };
  if (key.asymmetricKeyType === "ed25519") return { algorithm: "EdDSA", key };
  throw new TypeError(`a key of the kind ${key.asymmetricKeyType} verifies no token`);
}
