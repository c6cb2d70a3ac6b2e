import { createRoute } from "@hono/zod-openapi";
import {
  busyRoom,
  clusterNode,
  clusterView,
  minuteFigures,
  minutesQuery,
  minutesView,
} from "@hubbub/protocol/http-figures";
import { requireServerRole } from "../admin/server-role.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, refusals } from "../routes/shapes.ts";
import { viewCluster } from "./cluster-view.ts";
import { lastHour } from "./last-hour.ts";

const tags = ["administration"];
const usual = ["bad_token", "session_revoked", "insufficient_scope", "forbidden"] as const;
const minutes = minuteFigures.meta({ id: "MinuteFigures" }).array();

export const contract = {
  viewCluster: createRoute({
    method: "get",
    path: "/admin/cluster",
    tags,
    summary: "What every process does now, and the busiest rooms. For the server roles support and admin",
    security: bearer,
    responses: {
      200: answer(
        "every process that told its figures within an hour and did not end in order",
        clusterView.extend({
          nodes: clusterNode.meta({ id: "ClusterNode" }).array(),
          busiest: busyRoom.meta({ id: "BusyRoom" }).array(),
        }),
      ),
      default: refusals(...usual),
    },
  }),
  viewMinutes: createRoute({
    method: "get",
    path: "/admin/cluster/minutes",
    tags,
    summary: "Figures of the last hour by minute, and of the same hour a day before; of one process or of all",
    security: bearer,
    request: { query: minutesQuery },
    responses: {
      200: answer(
        "minutes, rising; one without figures is missing",
        minutesView.extend({ today: minutes, yesterday: minutes }),
      ),
      default: refusals("bad_request", ...usual),
    },
  }),
};

export function route(app: ApiApp, { store, broker, pageTurns, signedIn }: ApiContext): void {
  app.openapi({ ...contract.viewCluster, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await requireServerRole(store, user.id);
      return await viewCluster(broker.presence.figures, store.stats, Date.now());
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.viewMinutes, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await requireServerRole(store, user.id);
      return await lastHour(store.stats, c.req.valid("query").node, Date.now());
    });
    return c.json(page, 200);
  });
}
