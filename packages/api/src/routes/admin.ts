import { createHash, timingSafeEqual } from "node:crypto";
import { ProtocolError } from "@hubbub/protocol";
import { bearerToken } from "../bearer.ts";
import * as contract from "../contract/admin.ts";
import type { ApiApp, Parts } from "../parts.ts";

export function routeAdmin(app: ApiApp, { broker, settings }: Parts): void {
  app.openapi(contract.listNodes, async (c) => {
    requireOperator(settings.ADMIN_TOKEN, c.req.header("authorization"));
    return c.json({ nodes: [...(await broker.presence.nodes())] }, 200);
  });
}

/** Where operators have no token, there is nothing to find. */
function requireOperator(wanted: string | undefined, header: string | undefined): void {
  if (wanted === undefined) throw new ProtocolError("not_found");
  const given = bearerToken(header);
  if (given === null || !isSame(given, wanted)) throw new ProtocolError("bad_token");
}

/** In constant time, whatever the lengths. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
