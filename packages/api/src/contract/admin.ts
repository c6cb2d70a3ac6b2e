import { createRoute } from "@hono/zod-openapi";
import { nodePage } from "@hubbub/protocol/http";
import { admin, answer, refusals } from "./shapes.ts";

export const listNodes = createRoute({
  method: "get",
  path: "/admin/nodes",
  tags: ["operators"],
  summary: "The gateways of the cluster",
  security: admin,
  responses: {
    200: answer("every gateway with a living lease", nodePage),
    default: refusals("bad_token", "not_found"),
  },
});
