import { createRoute, z } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { uuid } from "@hubbub/protocol/codec";
import { identityList, proofBody, providerStart } from "@hubbub/protocol/http-signin";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, proofRefusals, refusals } from "../routes/shapes.ts";
import { markBrowser } from "./browser.ts";
import { providerOf } from "./provider.ts";

const tags = ["signing in"];
const inIdentity = z.object({ identity: uuid });
/** A linked login opens the account without the password, so linking and unlinking ask for a proof. */
const proof = { ...json(proofBody), required: false };

export const contract = {
  linkIdentity: createRoute({
    method: "post",
    path: "/me/identities",
    tags,
    summary: "Link a login at the provider to this account: the browser goes to `url`",
    security: bearer,
    request: { body: proof },
    responses: {
      200: answer("where to go", providerStart),
      default: refusals(...proofRefusals, "not_found", "provider_error"),
    },
  }),
  listIdentities: createRoute({
    method: "get",
    path: "/me/identities",
    tags,
    summary: "The logins at providers that are linked to this account",
    security: bearer,
    responses: {
      200: answer("the logins, oldest first", identityList),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
  unlinkIdentity: createRoute({
    method: "delete",
    path: "/me/identities/{identity}",
    tags,
    summary: "Unlink a login at a provider",
    security: bearer,
    request: { params: inIdentity, body: proof },
    responses: {
      204: { description: "unlinked" },
      default: refusals(...proofRefusals, "unknown_credential"),
    },
  }),
};

export function route(app: ApiApp, { store, settings, limits, signedIn, securityLog, signin }: ApiContext): void {
  app.openapi({ ...contract.linkIdentity, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const provider = providerOf(signin);
    const { id } = await signin.proofs.require(caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    const url = await provider.begin({ address, linkTo: id, browser: markBrowser(c, settings) });
    return c.json({ url }, 200);
  });

  app.openapi({ ...contract.listIdentities, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    const identities = (await store.signin.identities.list(user.id)).map(({ createdAt, usedAt, ...identity }) => ({
      ...identity,
      createdAt: createdAt.getTime(),
      ...(usedAt === null ? {} : { usedAt: usedAt.getTime() }),
    }));
    return c.json({ identities }, 200);
  });

  app.openapi({ ...contract.unlinkIdentity, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const { id } = await signin.proofs.require(caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    if (!(await store.signin.identities.remove(id, c.req.valid("param").identity, actingOf(caller))))
      throw new ProtocolError("unknown_credential");
    securityLog({ event: "identity_unlink", outcome: "success", address, user: id });
    return c.body(null, 204);
  });
}
