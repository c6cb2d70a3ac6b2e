import { createRoute } from "@hono/zod-openapi";
import { rebalanceBody, rebalancePlan, zoneBody, zonePage, zonePath } from "@hubbub/protocol/http-operators";
import { type Acting, zonesOf } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { operatorsOnly } from "./admin.ts";
import { admin, answer, json, refusals } from "./shapes.ts";

const tags = ["operators"];

export const contract = {
  listZones: createRoute({
    method: "get",
    path: "/admin/nodes/zones",
    tags,
    summary: "The zones with their processes, and how far a drain or a rebalance is",
    security: admin,
    responses: { 200: answer("all processes with a lease", zonePage), default: refusals("bad_token", "not_found") },
  }),
  setZone: createRoute({
    method: "put",
    path: "/admin/nodes/zones/{zone}",
    tags,
    summary: "Drain a zone, or let it serve again. Its processes follow within seconds",
    security: admin,
    request: { params: zonePath, body: json(zoneBody) },
    responses: {
      204: { description: "it is so, or was before" },
      default: refusals("bad_request", "bad_token", "not_found", "unknown_zone", "zone_needed"),
    },
  }),
  rebalance: createRoute({
    method: "post",
    path: "/admin/nodes/rebalance",
    tags,
    summary: "Ask connections of the fullest gateways to move, at a bounded pace",
    security: admin,
    request: { body: json(rebalanceBody) },
    responses: {
      202: answer("what the gateways are asked to move", rebalancePlan),
      default: refusals("bad_request", "bad_token", "not_found", "rebalance_needless", "rebalance_running"),
    },
  }),
};

export function route(app: ApiApp, { store, settings }: ApiContext): void {
  const { nodes } = store;
  const middleware = operatorsOnly(settings);
  const actingOf = (address: string): Acting => ({ by: "operator", address });

  app.openapi({ ...contract.listZones, middleware }, async (c) => {
    return c.json({ zones: zonesOf(await nodes.list(), await nodes.drained()) }, 200);
  });

  app.openapi({ ...contract.setZone, middleware }, async (c) => {
    const { zone } = c.req.valid("param");
    const acting = actingOf(c.env.address);
    if (c.req.valid("json").drained) await nodes.drain(zone, acting);
    else await nodes.undrain(zone, acting);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.rebalance, middleware }, async (c) => {
    const share = c.req.valid("json").maxMovePercent / 100;
    return c.json({ moves: [...(await nodes.rebalance(share, actingOf(c.env.address)))] }, 202);
  });
}
