import { createHash, randomBytes } from "node:crypto";
import { ACCESS_TOKEN_PREFIX, type Scope } from "@hubbub/protocol";
import type { AccessToken } from "@hubbub/store";

const BYTES = 32;
const DAY_MS = 86_400_000;
const FORM = new RegExp(`^${ACCESS_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);

interface Wanted {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days: number;
}

/** A new token, and what the store keeps of it. */
export function newTokenOf({ days, ...wanted }: Wanted) {
  const token = `${ACCESS_TOKEN_PREFIX}${randomBytes(BYTES).toString("base64url")}`;
  return { token, hash: hashOf(token), expiresAt: new Date(Date.now() + days * DAY_MS), ...wanted };
}

export function toTokenInfo({ id, name, scopes, createdAt, expiresAt, usedAt }: AccessToken) {
  return {
    id,
    name,
    scopes: scopes as Scope[],
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt.getTime(),
    ...(usedAt === null ? {} : { usedAt: usedAt.getTime() }),
  };
}

/** null: it has not the form of one. */
export function hashAccessToken(token: string): string | null {
  return FORM.test(token) ? hashOf(token) : null;
}

/** 256 random bits need no slow hash. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
