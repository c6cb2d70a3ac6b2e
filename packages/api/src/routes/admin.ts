import { createHash, timingSafeEqual } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { nodePage } from "@hubbub/protocol/http";
import type { MiddlewareHandler } from "hono";
import { bearerToken } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import type { ApiSettings } from "../settings.ts";
import { admin, answer, refusals } from "./shapes.ts";

export const contract = {
  listNodes: createRoute({
    method: "get",
    path: "/admin/nodes",
    tags: ["operators"],
    summary: "The gateways of the cluster",
    security: admin,
    responses: {
      200: answer("every gateway with a live lease", nodePage),
      default: refusals("bad_token", "not_found"),
    },
  }),
};

export function route(app: ApiApp, { broker, settings }: ApiContext): void {
  app.openapi({ ...contract.listNodes, middleware: operatorsOnly(settings) }, async (c) => {
    return c.json({ nodes: [...(await broker.presence.nodes())] }, 200);
  });
}

/** Asks for the token before anything else is looked at. */
export function operatorsOnly({ ADMIN_TOKEN }: Pick<ApiSettings, "ADMIN_TOKEN">): MiddlewareHandler {
  return (c, next) => {
    requireOperator(ADMIN_TOKEN, c.req.header("authorization"));
    return next();
  };
}

/** Without an ADMIN_TOKEN the path does not exist. */
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
