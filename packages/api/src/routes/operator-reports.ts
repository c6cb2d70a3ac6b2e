import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { closeReportBody, operatorReportQuery } from "@hubbub/protocol/http-moderation";
import { createMiddleware } from "hono/factory";
import type { ApiApp, ApiContext, ApiEnv } from "../context.ts";
import { requireOperator } from "./admin.ts";
import { pageOfReports, REPORTS_PER_PAGE, tellModerators, toReport } from "./reports.ts";
import { admin, inReport, json, refusals } from "./shapes.ts";

const tags = ["operators"];

export const contract = {
  listAllReports: createRoute({
    method: "get",
    path: "/admin/reports",
    tags,
    summary: "Reports of all rooms, or of all direct rooms; the oldest first",
    security: admin,
    request: { query: operatorReportQuery },
    responses: { 200: pageOfReports, default: refusals("bad_request", "bad_token", "not_found") },
  }),
  closeAnyReport: createRoute({
    method: "patch",
    path: "/admin/reports/{report}",
    tags,
    summary: "Close a report of any room",
    security: admin,
    request: { params: inReport, body: json(closeReportBody) },
    responses: {
      204: { description: "closed" },
      default: refusals("bad_request", "bad_token", "not_found", "unknown_report"),
    },
  }),
};

export function route(app: ApiApp, { store, broker, settings }: ApiContext): void {
  /** Before the request is looked at: strangers learn nothing of what is wrong with it. */
  const asOperator = createMiddleware<ApiEnv>(async (c, next) => {
    requireOperator(settings.ADMIN_TOKEN, c.req.header("authorization"));
    await next();
  });

  app.openapi({ ...contract.listAllReports, middleware: asOperator }, async (c) => {
    const { direct = "false", state = "open", cursor } = c.req.valid("query");
    const filter = { of: { isDirect: direct === "true" }, isOpen: state === "open" };
    const found = await store.reports.list(filter, { cursor, limit: REPORTS_PER_PAGE });
    return c.json({ reports: found.reports.map(toReport), cursor: found.cursor }, 200);
  });

  app.openapi({ ...contract.closeAnyReport, middleware: asOperator }, async (c) => {
    const { report: id } = c.req.valid("param");
    const acting = { by: "operator", address: c.env.address } as const;
    const closed = await store.reports.close({ id }, c.req.valid("json"), acting);
    if (closed === "absent") throw new ProtocolError("unknown_report");
    await tellModerators({ store, broker }, closed.room);
    return c.body(null, 204);
  });
}
