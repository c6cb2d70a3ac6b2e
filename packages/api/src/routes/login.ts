import { createRoute } from "@hono/zod-openapi";
import { ProtocolError, type UserId } from "@hubbub/protocol";
import { loginBody, me as meSchema, refreshBody } from "@hubbub/protocol/http";
import type { UserRecord } from "@hubbub/store";
import type { Requester } from "../auth/fair-semaphore.ts";
import type { Owner } from "../auth/login-guard.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals, tokensSchema } from "./shapes.ts";

const tags = ["accounts"];

export const contract = {
  login: createRoute({
    method: "post",
    path: "/auth/login",
    tags,
    summary: "Log in",
    request: { body: json(loginBody) },
    responses: {
      200: answer("a new session", tokensSchema),
      default: refusals("bad_request", "bad_credentials", "account_suspended", "second_factor_required", "overloaded"),
    },
  }),
  refresh: createRoute({
    method: "post",
    path: "/auth/refresh",
    tags,
    summary: "Trade a refresh token for new tokens",
    request: { body: json(refreshBody) },
    responses: {
      200: answer("new tokens of the same session; the old refresh token is spent", tokensSchema),
      default: refusals("bad_request", "bad_token", "refresh_reused"),
    },
  }),
  logout: createRoute({
    method: "post",
    path: "/auth/logout",
    tags,
    summary: "End the session and close its connections",
    security: bearer,
    responses: { 204: { description: "ended" }, default: refusals("bad_token") },
  }),
  me: createRoute({
    method: "get",
    path: "/me",
    tags,
    summary: "The user of this token",
    security: bearer,
    responses: {
      200: answer("the caller", meSchema.meta({ id: "Me" })),
      default: refusals("bad_token", "session_revoked"),
    },
  }),
};

async function ownerOf({ store }: ApiContext, find: () => Promise<UserRecord | null>, address: string): Promise<Owner> {
  const user = await find();
  return { user: user?.id, isKnown: user !== null && (await store.sessions.isKnownAddress(user.id, address)) };
}

/** Returns the present hash: of two concurrent logins only one replaces the old hash. */
async function rehash(
  { store, passwords }: ApiContext,
  { id, passwordHash: known }: { readonly id: UserId; readonly passwordHash: string },
  password: string,
  requester: Requester,
): Promise<string> {
  const fresh = await passwords.hash(password, requester);
  if (await store.users.updatePasswordHash(id, fresh, known)) return fresh;
  const present = (await store.users.find(id))?.passwordHash ?? null;
  if (present === null || (await passwords.verify(present, password, requester)) === "wrong")
    throw new ProtocolError("bad_credentials");
  return present;
}

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, loginGuard, passwords, sessions, signedIn, ending, securityLog, signin } = context;

  app.openapi(contract.login, async (c) => {
    const { username, password } = c.req.valid("json");
    const { address } = c.env;
    const requester = { address, signal: c.req.raw.signal };
    const find = () => store.users.findByUsername(username);
    const { user, verdict } = await loginGuard.attempt(
      { username, address },
      () => ownerOf(context, find, address),
      async () => {
        const found = await find();
        // The same answer in the same time for an unknown user, a guest and a wrong password.
        return { user: found, verdict: await passwords.verify(found?.passwordHash ?? null, password, requester) };
      },
    );
    if (user === null || user.passwordHash === null || verdict === "wrong") {
      securityLog({ event: "login", outcome: "refused", address, user: user?.id, reason: "bad_credentials" });
      throw new ProtocolError("bad_credentials");
    }
    const known = { id: user.id, passwordHash: user.passwordHash };
    const passwordHash =
      verdict === "outdated" ? await rehash(context, known, password, requester) : known.passwordHash;
    await signin.secondFactors.demand(user.id, passwordHash, address);
    const tokens = await sessions.start(user, { address, agent: c.req.header("user-agent"), passwordHash });
    securityLog({ event: "login", outcome: "success", address, user: user.id });
    return c.json(tokens, 200);
  });

  app.openapi(contract.refresh, async (c) => {
    limits.refresh(c.env.address);
    return c.json(await sessions.refresh(c.req.valid("json").refreshToken, c.env.address), 200);
  });

  app.openapi({ ...contract.logout, middleware: ending }, async (c) => {
    const { user, session } = c.var.caller;
    await sessions.end(c.var.caller);
    securityLog({ event: "logout", outcome: "success", address: c.env.address, user: user.id, session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.me, middleware: signedIn }, (c) => {
    const { user, session } = c.var.caller;
    return c.json({ user, sessionId: session }, 200);
  });
}
