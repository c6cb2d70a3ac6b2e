import { parseJson } from "../parse-json.ts";

/**
 * User and session of an access token, without a look at its signature: whoever can reach the worker is a page of the same
 * origin, and can read the login of that origin anyway. undefined: it is a token of another form.
 */
export function loginOfToken(token: string): string | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const claims = parseJson(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown> | null;
    const { sub, sid } = claims ?? {};
    return typeof sub === "string" && typeof sid === "string" ? `${sub} ${sid}` : undefined;
  } catch {
    return undefined;
  }
}
