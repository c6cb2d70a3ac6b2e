import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { serverRoleBody } from "@hubbub/protocol/http-admin";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { bearer, inUser, json, refusals } from "../routes/shapes.ts";
import { requireServerRole } from "./server-role.ts";

export const contract = {
  setServerRole: createRoute({
    method: "put",
    path: "/admin/users/{id}/role",
    tags: ["administration"],
    summary: "Give a user a server role, or take it away. For the server role admin",
    security: bearer,
    request: { params: inUser, body: json(serverRoleBody) },
    responses: {
      204: { description: "has this role now" },
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "insufficient_scope",
        "forbidden",
        "unknown_user",
      ),
    },
  }),
};

export function route(app: ApiApp, { store, limits, signedIn, securityLog }: ApiContext): void {
  app.openapi({ ...contract.setServerRole, middleware: signedIn }, async (c) => {
    const { user: caller } = c.var.caller;
    const { id } = c.req.valid("param");
    const { role } = c.req.valid("json");
    limits.account(caller.id);
    await requireServerRole(store, caller.id, "admin");
    // So that the last admin does not go by mistake.
    if (id === caller.id) throw new ProtocolError("bad_request", "id: another admin changes your role");
    await store.admin.setRole(id, role, actingOf(c.var.caller));
    const reason = `${role ?? "none"} by ${caller.id}`;
    securityLog({ event: "server_role", outcome: "success", address: c.env.address, user: id, reason });
    return c.body(null, 204);
  });
}
