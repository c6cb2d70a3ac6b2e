import { createHash, randomBytes } from "node:crypto";
import { ACCESS_TOKEN_PREFIX } from "@hubbub/protocol";

const BYTES = 32;
const FORM = new RegExp(`^${ACCESS_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);

export function newAccessToken(): { token: string; hash: string } {
  const token = `${ACCESS_TOKEN_PREFIX}${randomBytes(BYTES).toString("base64url")}`;
  return { token, hash: hashOf(token) };
}

/** null: it has not the form of one. */
export function hashAccessToken(token: string): string | null {
  return FORM.test(token) ? hashOf(token) : null;
}

/** 256 random bits need no slow hash. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
