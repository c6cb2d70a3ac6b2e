import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { type AdminUserInfo, adminUser, adminUserPage, listUsersQuery, suspendBody } from "@hubbub/protocol/http-admin";
import type { AdminUser } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inUser, json, refusals } from "../routes/shapes.ts";
import { requireServerRole } from "./server-role.ts";

const tags = ["administration"];
const usual = ["bad_request", "bad_token", "session_revoked", "insufficient_scope", "forbidden"] as const;
const USERS_PER_PAGE = 100;
const MS = 1_000;

export const contract = {
  listUsers: createRoute({
    method: "get",
    path: "/admin/users",
    tags,
    summary: "All users, in the order of their sign-up. For the server roles support and admin",
    security: bearer,
    request: { query: listUsersQuery },
    responses: {
      200: answer(
        "one page, which may be empty before the last; `cursor` is missing on the last",
        adminUserPage.extend({ users: adminUser.meta({ id: "AdminUser" }).array() }),
      ),
      default: refusals(...usual),
    },
  }),
  suspendUser: createRoute({
    method: "post",
    path: "/admin/users/{id}/suspension",
    tags,
    summary: "Suspend a user: all sessions end and logins are refused. For support; for admin also users with a role",
    security: bearer,
    request: { params: inUser, body: json(suspendBody) },
    responses: { 204: { description: "suspended" }, default: refusals(...usual, "unknown_user") },
  }),
  unsuspendUser: createRoute({
    method: "delete",
    path: "/admin/users/{id}/suspension",
    tags,
    summary: "End the suspension of a user",
    security: bearer,
    request: { params: inUser },
    responses: { 204: { description: "not suspended" }, default: refusals(...usual, "unknown_user") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, revocations, signedIn, securityLog } = context;

  app.openapi({ ...contract.listUsers, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { search, suspended, cursor } = c.req.valid("query");
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await requireServerRole(store, user.id);
      const asked = { search, cursor: cursor || undefined, suspended: suspended === "true", limit: USERS_PER_PAGE };
      const { users, cursor: next } = await store.admin.users(asked);
      return { users: users.map(toInfo), cursor: next };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.suspendUser, middleware: signedIn }, async (c) => {
    const { user: caller } = c.var.caller;
    const { id } = c.req.valid("param");
    const { reason, seconds } = c.req.valid("json");
    limits.account(caller.id);
    const role = await requireServerRole(store, caller.id);
    if (id === caller.id) throw new ProtocolError("bad_request", "id: nobody suspends themselves");
    const until = seconds === undefined ? null : new Date(Date.now() + seconds * MS);
    await revocations.tell(
      await store.admin.suspend(id, { reason, until, spares: role !== "admin" }, actingOf(c.var.caller)),
    );
    securityLog({ event: "suspend", outcome: "success", address: c.env.address, user: id, reason: `by ${caller.id}` });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.unsuspendUser, middleware: signedIn }, async (c) => {
    const { user: caller } = c.var.caller;
    const { id } = c.req.valid("param");
    limits.account(caller.id);
    const role = await requireServerRole(store, caller.id);
    await store.admin.unsuspend(id, actingOf(c.var.caller), { spares: role !== "admin" });
    securityLog({
      event: "unsuspend",
      outcome: "success",
      address: c.env.address,
      user: id,
      reason: `by ${caller.id}`,
    });
    return c.body(null, 204);
  });
}

function toInfo({ user, isGuest, createdAt, role, suspension }: AdminUser): AdminUserInfo {
  return {
    user,
    guest: isGuest,
    createdAt: createdAt.getTime(),
    ...(role === null ? {} : { role }),
    ...(suspension === null
      ? {}
      : {
          suspension: {
            reason: suspension.reason,
            at: suspension.at.getTime(),
            ...(suspension.until === null ? {} : { until: suspension.until.getTime() }),
          },
        }),
  };
}
