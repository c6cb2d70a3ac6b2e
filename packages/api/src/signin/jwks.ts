import type { Hono } from "hono";
import type { JWK } from "jose";
import type { ApiEnv } from "../context.ts";

/** A new key verifies long before it signs, so a copy may be this old. */
const CACHED_S = 300;

/** The public keys (RFC 7517), with which other services verify access tokens. */
export function routeKeys(root: Pick<Hono<ApiEnv>, "get">, keys: readonly JWK[]): void {
  root.get("/.well-known/jwks.json", (c) => {
    c.header("cache-control", `public, max-age=${CACHED_S}`);
    c.header("access-control-allow-origin", "*");
    return c.json({ keys });
  });
}
