import { parseJson } from "../parse-json.ts";

/**
 * User and session of an access token. The signature is not checked: only pages of the same origin reach the worker, and they
 * can read the login of that origin anyway. undefined: the token has another form.
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
