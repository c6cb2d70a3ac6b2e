import { randomBytes } from "node:crypto";
import { HTTP_PREFIX } from "@hubbub/protocol";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { ApiSettings } from "../settings.ts";
import { hashOf } from "./token-text.ts";

const COOKIE = "hubbub_signin";
const COOKIE_S = 600;

/**
 * Ties a login at the provider to this browser, so that nobody can make somebody else finish theirs. Lax: the redirect of
 * the provider brings it. Answers the hash of what the browser keeps.
 */
export function markBrowser(c: Context, { PUBLIC_URL }: ApiSettings): string {
  const secret = randomBytes(32).toString("base64url");
  setCookie(c, COOKIE, secret, {
    httpOnly: true,
    sameSite: "Lax",
    secure: PUBLIC_URL?.startsWith("https:") === true,
    path: `${HTTP_PREFIX}/auth/provider`,
    maxAge: COOKIE_S,
  });
  return hashOf(secret);
}

/** null: a browser that began no login. */
export function browserOf(c: Context): string | null {
  const secret = getCookie(c, COOKIE);
  return secret === undefined ? null : hashOf(secret);
}
