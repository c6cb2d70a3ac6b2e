import { createRoute } from "@hono/zod-openapi";
import { type AuditEntry, auditEntry, auditPage, auditQuery } from "@hubbub/protocol/http-moderation";
import type { AuditRecord } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, refusals } from "./shapes.ts";

export const contract = {
  listAudit: createRoute({
    method: "get",
    path: "/rooms/{id}/audit",
    tags: ["moderation"],
    summary: "Who did what in the room, the newest first. For moderators",
    security: bearer,
    request: { params: inRoom, query: auditQuery },
    responses: {
      200: answer(
        "one page; `cursor` is missing on the last",
        auditPage.extend({ entries: auditEntry.meta({ id: "AuditEntry" }).array() }),
      ),
      default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "not_member", "forbidden"),
    },
  }),
};

const ENTRIES_PER_PAGE = 100;

export function route(app: ApiApp, { store, pageTurns, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.listAudit, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    const { user, address } = c.var.caller;
    const { cursor, since, until, ...filter } = c.req.valid("query");
    const times = { since: timeOf(since), until: timeOf(until) };
    const page = await pageTurns.read({ user: user.id, address }, async () => {
      await membership.permit(room, user, "audit");
      const found = await store.audit.list({ ...filter, ...times, room }, { cursor, limit: ENTRIES_PER_PAGE });
      return { entries: found.entries.map(toEntry), cursor: found.cursor };
    });
    return c.json(page, 200);
  });
}

export const timeOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

/** Addresses are for operators. */
export function toEntry({ id, at, actor, act, outcome, ...row }: AuditRecord): AuditEntry {
  return {
    id,
    at,
    actor,
    actorName: row.actorName ?? undefined,
    act,
    subject: row.subject ?? undefined,
    subjectName: row.subjectName ?? undefined,
    seq: row.seq ?? undefined,
    outcome,
    details: row.details ?? undefined,
    note: row.note ?? undefined,
  };
}
