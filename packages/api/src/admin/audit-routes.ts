import { createRoute } from "@hono/zod-openapi";
import { type AdminAuditEntry, adminAuditEntry, adminAuditPage, adminAuditQuery } from "@hubbub/protocol/http-admin";
import type { AuditRecord } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { timeOf, toEntry } from "../routes/audit.ts";
import { answer, bearer, refusals } from "../routes/shapes.ts";
import { requireServerRole } from "./server-role.ts";

export const contract = {
  listAllAudit: createRoute({
    method: "get",
    path: "/admin/audit",
    tags: ["administration"],
    summary:
      "Who did what on the server, the newest first. For the server roles support and admin; addresses for admin",
    security: bearer,
    request: { query: adminAuditQuery },
    responses: {
      200: answer(
        "one page; `cursor` is missing on the last",
        adminAuditPage.extend({ entries: adminAuditEntry.meta({ id: "AdminAuditEntry" }).array() }),
      ),
      default: refusals("bad_request", "bad_token", "session_revoked", "insufficient_scope", "forbidden"),
    },
  }),
};

const ENTRIES_PER_PAGE = 100;

export function route(app: ApiApp, { store, pageTurns, signedIn }: ApiContext): void {
  app.openapi({ ...contract.listAllAudit, middleware: signedIn }, async (c) => {
    const { user, address } = c.var.caller;
    const { cursor, since, until, ...filter } = c.req.valid("query");
    const times = { since: timeOf(since), until: timeOf(until) };
    const page = await pageTurns.read({ user: user.id, address }, async () => {
      const role = await requireServerRole(store, user.id);
      const found = await store.audit.list({ ...filter, ...times }, { cursor, limit: ENTRIES_PER_PAGE });
      return { entries: found.entries.map((entry) => toFullEntry(entry, role === "admin")), cursor: found.cursor };
    });
    return c.json(page, 200);
  });
}

function toFullEntry(record: AuditRecord, isWithAddress: boolean): AdminAuditEntry {
  return {
    ...toEntry(record),
    room: record.room ?? undefined,
    address: isWithAddress ? (record.address ?? undefined) : undefined,
  };
}
