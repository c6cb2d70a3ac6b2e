import { createRoute } from "@hono/zod-openapi";
import { type ErrorCode, ProtocolError, type PublicUser } from "@hubbub/protocol";
import { providerCallbackQuery, ticketBody } from "@hubbub/protocol/http-signin";
import type { Context } from "hono";
import type { ApiApp, ApiContext, ApiEnv } from "../context.ts";
import { answer, json, refusals, tokensSchema } from "../routes/shapes.ts";
import { browserOf, markBrowser } from "./browser.ts";
import { type Identified, providerOf } from "./provider.ts";
import { createProviderAccount } from "./provider-account.ts";

const tags = ["signing in"];
const IDENTITIES_MAX = 10;
/** From the redirect of the provider to the page's exchange of the ticket. */
const DONE_MS = 60_000;
const TOLD_BY_PAGE: ReadonlySet<ErrorCode> = new Set([
  "bad_ticket",
  "provider_error",
  "identity_taken",
  "limit_reached",
]);

export const contract = {
  beginProvider: createRoute({
    method: "get",
    path: "/auth/provider",
    tags,
    summary: "Log in at the login provider: for browsers, which are redirected there",
    responses: {
      302: {
        description: "to the provider; of a refusal, browsers go to the page with `#login_refused=` and its code",
      },
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
      302: { description: "to the page, with `#login_ticket=` (or `#linked`); for browsers also `#login_refused=`" },
      default: refusals("not_found", "bad_ticket", "provider_error", "identity_taken", "limit_reached", "overloaded"),
    },
  }),
  redeemTicket: createRoute({
    method: "post",
    path: "/auth/provider/token",
    tags,
    summary: "Trade the `login_ticket` of the redirect for tokens, within a minute",
    request: { body: json(ticketBody) },
    responses: {
      200: answer("a new session", tokensSchema),
      default: refusals("bad_request", "bad_ticket", "account_suspended"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeProvider(app, context);
  routeTicket(app, context);
}

function routeProvider(app: ApiApp, context: ApiContext): void {
  const { settings, limits, securityLog, signin } = context;
  const orNote = <Result>(address: string, login: Promise<Result>): Promise<Result> =>
    login.catch((error: unknown) => {
      const reason = error instanceof ProtocolError ? `${error.code}: ${error.message}` : "error";
      securityLog({ event: "provider_login", outcome: "refused", address, reason });
      throw error;
    });

  app.openapi(contract.beginProvider, (c) => {
    const { address } = c.env;
    limits.refresh(address);
    return goTo(c, settings.PUBLIC_URL, () =>
      orNote(address, providerOf(signin).begin({ address, linkTo: null, browser: markBrowser(c, settings) })),
    );
  });

  app.openapi(contract.finishProvider, (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const browser = browserOf(c);
    const page = settings.PUBLIC_URL ?? "";
    return goTo(c, settings.PUBLIC_URL, async () => {
      const found = await orNote(address, providerOf(signin).finish(new URL(c.req.url).searchParams, browser));
      if (found.linkTo !== null) {
        await link(context, found.linkTo, found, address);
        securityLog({ event: "identity_link", outcome: "success", address, user: found.linkTo });
        return `${page}/#linked`;
      }
      const user = await userOf(context, found, { address, signal: c.req.raw.signal });
      const done = { address, user: user.id, ttlMs: DONE_MS, data: { browser } };
      return `${page}/#login_ticket=${await signin.tickets.issue("provider-done", done)}`;
    });
  });
}

/** A refusal sends a browser to the page, which says what to do. A program gets the problem. */
async function goTo(c: Context<ApiEnv>, page: string | undefined, address: () => Promise<string>) {
  try {
    return c.redirect(await address(), 302);
  } catch (error) {
    const isBrowser = c.req.header("accept")?.includes("text/html") === true;
    const code = error instanceof ProtocolError && TOLD_BY_PAGE.has(error.code) ? error.code : undefined;
    if (!isBrowser || page === undefined || code === undefined) throw error;
    return c.redirect(`${page}/#login_refused=${code}`, 302);
  }
}

function routeTicket(app: ApiApp, { store, limits, sessions, securityLog, signin }: ApiContext): void {
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
}

async function link(
  { store }: ApiContext,
  user: PublicUser["id"],
  identity: Identified,
  address: string,
): Promise<void> {
  const state = await store.signin.identities.link(user, identity, IDENTITIES_MAX, { by: user, address });
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
  const acting = { by: created.id, address: requester.address };
  if ((await store.signin.identities.link(created.id, { issuer, subject }, IDENTITIES_MAX, acting)) === "taken")
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
