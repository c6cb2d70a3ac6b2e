import { HTTP_PREFIX } from "@hubbub/protocol";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

const REST_OF_POLICY = [
  "img-src 'self' data:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  // No text becomes HTML or a script, whatever the page's script does with it. The policy knows the addresses of its workers.
  "require-trusted-types-for 'script'",
  "trusted-types hubbub-workers",
].join("; ");

/** Hosts that are safe to repeat in a header. */
const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/;

/** Pages connect to their own host only. Its WebSocket is named, because older browsers do not count it as 'self'. */
function policyFor(host: string | undefined): string {
  const sockets = host !== undefined && HOST.test(host) ? ` ws://${host} wss://${host}` : "";
  return `default-src 'self'; connect-src 'self'${sockets}; ${REST_OF_POLICY}`;
}

/** Security headers of every answer. */
export const secure: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  // A file brings a stricter one.
  if (!headers.has("content-security-policy")) headers.set("content-security-policy", policyFor(c.req.header("host")));
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  if (c.req.path.startsWith(HTTP_PREFIX) && !headers.has("cache-control")) headers.set("cache-control", "no-store");
};

const PREFLIGHT_AGE_S = 600;

/** CORS for pages of the allowed origins. Other clients send no Origin, and skip it. */
export function crossOrigin(allowed: readonly string[]): MiddlewareHandler {
  const answer = cors({
    origin: allowed.includes("*") ? "*" : [...allowed],
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ["authorization", "content-type", "range", "if-range", "if-none-match"],
    exposeHeaders: ["retry-after", "accept-ranges", "content-disposition", "content-range", "etag"],
    maxAge: PREFLIGHT_AGE_S,
  });
  return (c, next) => (c.req.header("origin") === undefined ? next() : answer(c, next));
}
