import { createRoute } from "@hono/zod-openapi";
import {
  processPath,
  rebalanceBody,
  rebalancePlan,
  zoneBody,
  zonePage,
  zonePath,
} from "@hubbub/protocol/http-operators";
import { zonesOf } from "@hubbub/store";
import { requireServerRole } from "../admin/server-role.ts";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "../routes/shapes.ts";

const tags = ["administration"];
const usual = ["bad_token", "session_revoked", "insufficient_scope", "forbidden"] as const;

/** What operators do with ADMIN_TOKEN on a port of their own, for people who are logged in: each act names who ordered it. */
export const contract = {
  viewZones: createRoute({
    method: "get",
    path: "/admin/zones",
    tags,
    summary:
      "The zones with their processes, and how far a drain or a rebalance is. For the server roles support and admin",
    security: bearer,
    responses: { 200: answer("all processes with a lease", zonePage), default: refusals(...usual) },
  }),
  orderZone: createRoute({
    method: "put",
    path: "/admin/zones/{zone}",
    tags,
    summary: "Drain a zone, or let it serve again. For the server role admin",
    security: bearer,
    request: { params: zonePath, body: json(zoneBody) },
    responses: {
      204: { description: "it is so, or was before" },
      default: refusals("bad_request", ...usual, "unknown_zone", "zone_needed"),
    },
  }),
  orderProcess: createRoute({
    method: "put",
    path: "/admin/processes/{process}",
    tags,
    summary: "Drain one process, or let it serve again. For the server role admin",
    security: bearer,
    request: { params: processPath, body: json(zoneBody) },
    responses: {
      204: { description: "it is so, or was before" },
      default: refusals("bad_request", ...usual, "not_found", "zone_needed"),
    },
  }),
  orderRebalance: createRoute({
    method: "post",
    path: "/admin/rebalance",
    tags,
    summary: "Ask connections of the fullest gateways to move, at a bounded pace. For the server role admin",
    security: bearer,
    request: { body: json(rebalanceBody) },
    responses: {
      202: answer("what the gateways are asked to move", rebalancePlan),
      default: refusals("bad_request", ...usual, "rebalance_needless", "rebalance_running"),
    },
  }),
};

export function route(app: ApiApp, { store, limits, pageTurns, signedIn }: ApiContext): void {
  const { nodes } = store;

  app.openapi({ ...contract.viewZones, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await requireServerRole(store, user.id);
      return { zones: zonesOf(await nodes.list(), await nodes.drained()) };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.orderZone, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { zone } = c.req.valid("param");
    limits.account(caller.user.id);
    await requireServerRole(store, caller.user.id, "admin");
    if (c.req.valid("json").drained) await nodes.drain(zone, actingOf(caller));
    else await nodes.undrain(zone, actingOf(caller));
    return c.body(null, 204);
  });

  app.openapi({ ...contract.orderProcess, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { process } = c.req.valid("param");
    limits.account(caller.user.id);
    await requireServerRole(store, caller.user.id, "admin");
    if (c.req.valid("json").drained) await nodes.drainProcess(process, actingOf(caller));
    else await nodes.undrainProcess(process, actingOf(caller));
    return c.body(null, 204);
  });

  app.openapi({ ...contract.orderRebalance, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    limits.account(caller.user.id);
    await requireServerRole(store, caller.user.id, "admin");
    const moves = await nodes.rebalance(c.req.valid("json").maxMovePercent / 100, actingOf(caller));
    return c.json({ moves: [...moves] }, 202);
  });
}
