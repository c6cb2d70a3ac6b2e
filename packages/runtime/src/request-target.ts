/** Characters that a path may have as they are: `pchar` of RFC 3986 and the slash. */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;
const BLANK = 0x20;
const DELETE = 0x7f;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;
/** What never needs an escape, and what separates segments. */
const NEVER_ESCAPED = /^[A-Za-z0-9\-._~/\\]$/;

/**
 * What is wrong with the path of a request, or null.
 *
 * A proxy and this process must agree on which path a request names, or rules of the proxy can be walked around. They
 * decode, merge slashes and resolve dots each in its own way, so a path that has more than one spelling is refused.
 * `path`: as it came, without its query.
 */
export function pathFault(path: string): string | null {
  if (!path.startsWith("/")) return "the request target must be a path";
  if (path.includes("//")) return "the path has an empty segment";
  if (path.split("/").some((segment) => segment === "." || segment === "..")) return "the path has a dot segment";
  const escapes = [...path.matchAll(ESCAPE)].map(([, hex = ""]) => Number.parseInt(hex, 16));
  if (escapes.some((byte) => byte < BLANK || byte === DELETE)) return "the path has a control character";
  if (escapes.some((byte) => NEVER_ESCAPED.test(String.fromCharCode(byte)))) return "the path escapes what needs none";
  if (!PLAIN.test(path.replaceAll(ESCAPE, ""))) return "the path has a character that must be escaped";
  return null;
}
