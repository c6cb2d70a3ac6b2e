import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { adminReportQuery } from "@hubbub/protocol/http-admin";
import { closeReportBody } from "@hubbub/protocol/http-moderation";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { pageOfReports, REPORTS_PER_PAGE, tellModerators, toReport } from "../routes/reports.ts";
import { bearer, inReport, json, refusals } from "../routes/shapes.ts";
import { requireServerRole } from "./server-role.ts";

const tags = ["administration"];
const usual = ["bad_request", "bad_token", "session_revoked", "insufficient_scope", "forbidden"] as const;

export const contract = {
  listAllReports: createRoute({
    method: "get",
    path: "/admin/reports",
    tags,
    summary: "Reports of all direct rooms, or of all others, the oldest first. For the server roles support and admin",
    security: bearer,
    request: { query: adminReportQuery },
    responses: {
      200: pageOfReports,
      default: refusals(...usual),
    },
  }),
  closeAnyReport: createRoute({
    method: "patch",
    path: "/admin/reports/{report}",
    tags,
    summary: "Close a report, or decide a closed one anew; not one of an own message",
    security: bearer,
    request: { params: inReport, body: json(closeReportBody) },
    responses: { 204: { description: "closed" }, default: refusals(...usual, "unknown_report") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, signedIn } = context;

  app.openapi({ ...contract.listAllReports, middleware: signedIn }, async (c) => {
    const { user, address } = c.var.caller;
    const { direct, state = "open", cursor } = c.req.valid("query");
    const page = await pageTurns.read({ user: user.id, address }, async () => {
      await requireServerRole(store, user.id);
      const filter = { of: { isDirect: direct === "true" }, isOpen: state === "open", notOf: user.id };
      const found = await store.reports.list(filter, { cursor, limit: REPORTS_PER_PAGE });
      return { reports: found.reports.map(toReport), cursor: found.cursor };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.closeAnyReport, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    limits.account(caller.user.id);
    await requireServerRole(store, caller.user.id);
    const id = c.req.valid("param").report;
    const closed = await store.reports.close({ id }, c.req.valid("json"), actingOf(caller));
    if (closed === "absent") throw new ProtocolError("unknown_report");
    await tellModerators(context, closed.room, closed.author);
    return c.body(null, 204);
  });
}
