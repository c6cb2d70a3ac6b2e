import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { proofBody } from "@hubbub/protocol/http-signin";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { bearer, json, refusals } from "../routes/shapes.ts";
import { requireOwnProof } from "../signin/own-proof.ts";

export const contract = {
  eraseAccount: createRoute({
    method: "delete",
    path: "/me",
    tags: ["accounts"],
    summary: "Erase the caller: the account at once, messages and files in the background. It cannot be undone",
    security: bearer,
    request: { body: json(proofBody) },
    responses: {
      202: { description: "the account is empty and all sessions have ended; the rest follows" },
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "insufficient_scope",
        "proof_required",
        "bad_credentials",
        "bad_code",
        "overloaded",
      ),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, revocations, signedIn, securityLog } = context;

  app.openapi({ ...contract.eraseAccount, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    const { id: user } = caller.user;
    limits.account(user);
    await requireOwnProof(context, caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    const ended = await store.erasures.request(user, new Date(), actingOf(caller));
    if (ended === null) throw new ProtocolError("session_revoked");
    await revocations.tell(ended);
    securityLog({ event: "account_erase", outcome: "success", address, user, session: caller.session });
    return c.body(null, 202);
  });
}
