import { Secret, TOTP } from "otpauth";

/** As every authenticator app takes them: SHA-1, six digits, 30 seconds (RFC 6238). */
const OPTIONS = { algorithm: "SHA1", digits: 6, period: 30 } as const;
/** Bytes, as RFC 4226 §4 asks for. */
const SECRET_BYTES = 20;
/** Steps that a clock may be off, either way. */
const WINDOW = 1;

export function newTotp(issuer: string, username: string): { secret: string; uri: string } {
  const totp = new TOTP({ ...OPTIONS, issuer, label: username, secret: new Secret({ size: SECRET_BYTES }) });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step that the code belongs to, or null for a wrong code. */
export function stepOf(secret: string, code: string, now = Date.now()): number | null {
  const totp = new TOTP({ ...OPTIONS, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, window: WINDOW, timestamp: now });
  return delta === null ? null : totp.counter({ timestamp: now }) + delta;
}
