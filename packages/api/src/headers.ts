import { HTTP_PREFIX } from "@hubbub/protocol";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** On every answer. */
export const secure: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  if (c.req.path.startsWith(HTTP_PREFIX) && !headers.has("cache-control")) headers.set("cache-control", "no-store");
};

const PREFLIGHT_AGE_S = 600;

/** For pages of the allowed origins; other callers send no Origin and pay nothing for it. */
export function crossOrigin(allowed: readonly string[]): MiddlewareHandler {
  const answer = cors({
    origin: allowed.includes("*") ? "*" : [...allowed],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["authorization", "content-type"],
    exposeHeaders: ["retry-after"],
    maxAge: PREFLIGHT_AGE_S,
  });
  return (c, next) => (c.req.header("origin") === undefined ? next() : answer(c, next));
}
