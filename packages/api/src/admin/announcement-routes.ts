import { createRoute } from "@hono/zod-openapi";
import { postedMessage } from "@hubbub/protocol/http";
import { announcementBody } from "@hubbub/protocol/http-admin";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "../routes/shapes.ts";
import { announce } from "./announce.ts";
import { requireServerRole } from "./server-role.ts";

const postedSchema = postedMessage.meta({ id: "PostedMessage" });

export const contract = {
  announce: createRoute({
    method: "post",
    path: "/admin/announcements",
    tags: ["administration"],
    summary: "Announce something to everybody: a message of the room of announcements. For the server role admin",
    security: bearer,
    request: { body: json(announcementBody) },
    responses: {
      200: answer("was accepted before", postedSchema),
      201: answer("accepted", postedSchema),
      default: refusals(
        ...(["bad_request", "bad_token", "session_revoked", "insufficient_scope", "forbidden", "overloaded"] as const),
      ),
    },
  }),
};

export function route(app: ApiApp, { store, acceptor, limits, signedIn, securityLog }: ApiContext): void {
  app.openapi({ ...contract.announce, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const message = c.req.valid("json");
    limits.account(user.id);
    await requireServerRole(store, user.id, "admin");
    const acting = actingOf(c.var.caller);
    const { state, seq, epoch, at } = await announce({ store, acceptor }, user, message, acting);
    if (state === "duplicate") return c.json({ seq, epoch, at, duplicate: true as const }, 200);
    securityLog({ event: "announcement", outcome: "success", address: c.env.address, user: user.id });
    return c.json({ seq, epoch, at }, 201);
  });
}
