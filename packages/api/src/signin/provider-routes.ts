import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { HTTP_PREFIX, ProtocolError, type PublicUser } from "@hubbub/protocol";
import {
  identityList,
  providerCallbackQuery,
  providerStart,
  signinMethods,
  ticketBody,
} from "@hubbub/protocol/http-signin";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals, tokensSchema } from "../routes/shapes.ts";
import type { Identified, Provider } from "./provider.ts";
import { createProviderAccount } from "./provider-account.ts";
import { hashOf } from "./token-text.ts";

const tags = ["signing in"];
const IDENTITIES_MAX = 10;
/** From the redirect of the provider to the page's exchange of the ticket. */
const DONE_MS = 60_000;
const COOKIE = "hubbub_signin";
const COOKIE_S = 600;
const inIdentity = z.object({ identity: z.uuid() });

export const contract = {
  signinMethods: createRoute({
    method: "get",
    path: "/auth/methods",
    tags,
    summary: "The ways to log in that this server offers",
    responses: { 200: answer("the ways", signinMethods.meta({ id: "SigninMethods" })), default: refusals() },
  }),
  beginProvider: createRoute({
    method: "get",
    path: "/auth/provider",
    tags,
    summary: "Log in at the login provider: for browsers, which are redirected there",
    responses: {
      302: { description: "to the provider" },
      default: refusals("not_found", "overloaded", "provider_error"),
    },
  }),
  finishProvider: createRoute({
    method: "get",
    path: "/auth/provider/callback",
    tags,
    summary: "Where the login provider sends the browser back to",
    request: { query: providerCallbackQuery },
    responses: {
      302: { description: "to the page, with `#login_ticket=` (or `#linked`)" },
      default: refusals("not_found", "bad_ticket", "provider_error", "identity_taken", "limit_reached", "overloaded"),
    },
  }),
  redeemTicket: createRoute({
    method: "post",
    path: "/auth/provider/token",
    tags,
    summary: "Trade the `login_ticket` of the redirect for tokens, within a minute",
    request: { body: json(ticketBody) },
    responses: { 200: answer("a new session", tokensSchema), default: refusals("bad_request", "bad_ticket") },
  }),
  linkIdentity: createRoute({
    method: "post",
    path: "/me/identities",
    tags,
    summary: "Link a login at the provider to this account: the browser goes to `url`",
    security: bearer,
    responses: {
      200: answer("where to go", providerStart),
      default: refusals(
        "bad_token",
        "session_revoked",
        "forbidden",
        "insufficient_scope",
        "not_found",
        "provider_error",
      ),
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
    request: { params: inIdentity },
    responses: {
      204: { description: "unlinked" },
      default: refusals("bad_request", "bad_token", "session_revoked", "insufficient_scope", "unknown_credential"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, sessions, signedIn, securityLog, signin } = context;
  const provider = (): Provider => {
    if (signin.provider !== null) return signin.provider;
    throw new ProtocolError("not_found", "this server has no login provider");
  };
  const isSecure = settings.PUBLIC_URL?.startsWith("https:") === true;
  /** Ties the login to this browser: nobody can make somebody else finish theirs. Lax: the provider's redirect has it. */
  const markBrowser = (c: Context): string => {
    const secret = randomBytes(32).toString("base64url");
    const path = `${HTTP_PREFIX}/auth/provider`;
    setCookie(c, COOKIE, secret, { httpOnly: true, sameSite: "Lax", secure: isSecure, path, maxAge: COOKIE_S });
    return hashOf(secret);
  };

  const browserOf = (c: Context): string | null => {
    const secret = getCookie(c, COOKIE);
    return secret === undefined ? null : hashOf(secret);
  };
  const orNote = <Result>(address: string, login: Promise<Result>): Promise<Result> =>
    login.catch((error: unknown) => {
      const reason = error instanceof ProtocolError ? `${error.code}: ${error.message}` : "error";
      securityLog({ event: "provider_login", outcome: "refused", address, reason });
      throw error;
    });

  app.openapi(contract.signinMethods, (c) => {
    const { passkeys, secrets, provider: known } = signin;
    const methods = {
      password: true as const,
      guest: settings.ALLOW_GUESTS,
      passkey: passkeys !== null,
      totp: secrets.isUsable,
      ...(known === null ? {} : { provider: { name: known.name } }),
    };
    return c.json(methods, 200);
  });

  app.openapi(contract.beginProvider, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const url = await orNote(address, provider().begin({ address, linkTo: null, browser: markBrowser(c) }));
    return c.redirect(url, 302);
  });

  app.openapi(contract.finishProvider, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const browser = browserOf(c);
    const found = await orNote(address, provider().finish(new URL(c.req.url).searchParams, browser));
    const page = settings.PUBLIC_URL ?? "";
    if (found.linkTo !== null) {
      await link(context, found.linkTo, found);
      securityLog({ event: "identity_link", outcome: "success", address, user: found.linkTo });
      return c.redirect(`${page}/#linked`, 302);
    }
    const user = await userOf(context, found, { address, signal: c.req.raw.signal });
    const done = { address, user: user.id, ttlMs: DONE_MS, data: { browser } };
    const ticket = await signin.tickets.issue("provider-done", done);
    return c.redirect(`${page}/#login_ticket=${ticket}`, 302);
  });

  app.openapi(contract.redeemTicket, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const { user: id, data } = await signin.tickets.take("provider-done", c.req.valid("json").ticket);
    const user = id === null ? null : await store.users.find(id);
    // A link with a ticket of somebody else must not log this browser in to their account.
    if (user === null || (data as { browser: string }).browser !== browserOf(c)) throw new ProtocolError("bad_ticket");
    const tokens = await sessions.start(user, { address, agent: c.req.header("user-agent") });
    securityLog({ event: "provider_login", outcome: "success", address, user: user.id });
    return c.json(tokens, 200);
  });

  app.openapi({ ...contract.linkIdentity, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    if ((await store.users.find(user.id))?.passwordHash == null)
      throw new ProtocolError("forbidden", "a guest has no account to link to; sign up");
    const url = await provider().begin({ address, linkTo: user.id, browser: markBrowser(c) });
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
    const { user } = c.var.caller;
    limits.account(user.id);
    if (!(await store.signin.identities.remove(user.id, c.req.valid("param").identity)))
      throw new ProtocolError("unknown_credential");
    securityLog({ event: "identity_unlink", outcome: "success", address: c.env.address, user: user.id });
    return c.body(null, 204);
  });
}

async function link({ store }: ApiContext, user: PublicUser["id"], { issuer, subject }: Identified): Promise<void> {
  const state = await store.signin.identities.link(user, issuer, subject, IDENTITIES_MAX);
  if (state === "full") throw new ProtocolError("limit_reached");
  if (state === "taken") throw new ProtocolError("identity_taken");
}

/** The user of the identity; at its first login a new one. */
async function userOf(context: ApiContext, found: Identified, requester: Parameters<typeof createProviderAccount>[2]) {
  const { store, limits, securityLog } = context;
  const { issuer, subject, names } = found;
  const known = await store.signin.identities.use(issuer, subject);
  if (known !== null) return known;
  limits.signup(requester.address);
  const created = await createProviderAccount(context, names, requester);
  // Of two first logins at once one is linked, and both are of its user. The other account stays unused.
  if ((await store.signin.identities.link(created.id, issuer, subject, IDENTITIES_MAX)) === "taken")
    return (await store.signin.identities.use(issuer, subject)) ?? created;
  securityLog({
    event: "signup",
    outcome: "success",
    address: requester.address,
    user: created.id,
    reason: "provider",
  });
  return created;
}
