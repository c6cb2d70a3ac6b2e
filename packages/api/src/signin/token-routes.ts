import { createRoute, z } from "@hono/zod-openapi";
import { ProtocolError, type Scope } from "@hubbub/protocol";
import { uuid } from "@hubbub/protocol/codec";
import {
  accessTokenInfo,
  accessTokenList,
  createTokenBody,
  newAccessToken as newTokenSchema,
  scopedAccess,
} from "@hubbub/protocol/http-signin";
import { actingOf, bearerToken } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, proofRefusals, refusals } from "../routes/shapes.ts";
import { hashAccessToken, newTokenOf, toTokenInfo } from "./token-text.ts";

const tags = ["signing in"];
const info = accessTokenInfo.meta({ id: "AccessToken" });
const inToken = z.object({ token: uuid });

export const contract = {
  createToken: createRoute({
    method: "post",
    path: "/me/tokens",
    tags,
    summary: "Create a personal access token; it is shown once",
    security: bearer,
    request: { body: json(createTokenBody) },
    responses: {
      201: answer("the token", newTokenSchema.meta({ id: "NewAccessToken" })),
      default: refusals(...proofRefusals, "limit_reached"),
    },
  }),
  listTokens: createRoute({
    method: "get",
    path: "/me/tokens",
    tags,
    summary: "The personal access tokens of the caller, newest first",
    security: bearer,
    responses: {
      200: answer("the tokens", accessTokenList.extend({ tokens: info.array() })),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
  revokeToken: createRoute({
    method: "delete",
    path: "/me/tokens/{token}",
    tags,
    summary: "Revoke a personal access token and close its connections",
    security: bearer,
    request: { params: inToken },
    responses: {
      204: { description: "revoked" },
      default: refusals("bad_request", "bad_token", "session_revoked", "insufficient_scope", "unknown_credential"),
    },
  }),
  exchangeToken: createRoute({
    method: "post",
    path: "/auth/token",
    tags,
    summary: "Trade a personal access token (as the bearer) for an access token, for the WebSocket",
    security: bearer,
    responses: {
      200: answer("an access token with the same scopes", scopedAccess.meta({ id: "ScopedAccess" })),
      default: refusals("bad_token", "account_suspended"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, sessions, revocations, signedIn, securityLog, signin } = context;

  app.openapi({ ...contract.createToken, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    const { name, scopes, days, ...proof } = c.req.valid("json");
    limits.account(caller.user.id);
    const { id: user } = await signin.proofs.require(caller, proof, { address, signal: c.req.raw.signal });
    const { token, ...wanted } = newTokenOf({ name, scopes, days });
    const created = await store.signin.tokens.create(user, wanted, settings.TOKENS_PER_USER, actingOf(caller));
    if (created === null) throw new ProtocolError("limit_reached");
    securityLog({ event: "token_create", outcome: "success", address, user, reason: scopes.join(" ") });
    return c.json({ ...toTokenInfo(created), token }, 201);
  });

  app.openapi({ ...contract.listTokens, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    return c.json({ tokens: (await store.signin.tokens.list(user.id)).map(toTokenInfo) }, 200);
  });

  app.openapi({ ...contract.revokeToken, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    const ended = await store.signin.tokens.revoke(user.id, c.req.valid("param").token, actingOf(c.var.caller));
    if (ended === null) throw new ProtocolError("unknown_credential");
    await revocations.tell(ended);
    securityLog({ event: "token_revoke", outcome: "success", address: c.env.address, user: user.id });
    return c.body(null, 204);
  });

  app.openapi(contract.exchangeToken, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const hash = hashAccessToken(bearerToken(c.req.header("authorization")) ?? "");
    const used = hash === null ? null : await store.signin.tokens.use(hash);
    if (used === null) throw new ProtocolError("bad_token");
    const { user, session, scopes } = used;
    securityLog({ event: "token_use", outcome: "success", address, user: user.id, session });
    return c.json({ user, ...(await sessions.scoped(user, session, used)), scopes: scopes as Scope[] }, 200);
  });
}
