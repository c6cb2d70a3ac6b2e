import { createRoute } from "@hono/zod-openapi";
import { socketTicket } from "@hubbub/protocol/http-signin";
import { TICKET_SECONDS } from "@hubbub/runtime";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, refusals } from "../routes/shapes.ts";

export const contract = {
  createSocketTicket: createRoute({
    method: "post",
    path: "/ws-tickets",
    tags: ["signing in"],
    summary: "A ticket for one handshake of the WebSocket, for clients that cannot send a token in a frame",
    security: bearer,
    responses: {
      201: answer("the ticket", socketTicket.meta({ id: "SocketTicket" })),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
};

export function route(app: ApiApp, { limits, sessions, signedIn }: ApiContext): void {
  app.openapi({ ...contract.createSocketTicket, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    limits.ticket(caller.user.id);
    return c.json({ ticket: sessions.ticket(caller), expiresIn: TICKET_SECONDS }, 201);
  });
}
