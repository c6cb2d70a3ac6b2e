import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { changePasswordBody, endSessionsQuery, sessionList } from "@hubbub/protocol/http";
import { assertOwnPassword, requireAccount } from "../account/own-password.ts";
import type { Caller } from "../auth/bearer.ts";
import type { Requester } from "../auth/fair-semaphore.ts";
import { accountWords, assertStrongPassword, serverWords } from "../auth/password-rules.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inSession, json, refusals } from "./shapes.ts";

const tags = ["accounts"];

export const contract = {
  changePassword: createRoute({
    method: "put",
    path: "/me/password",
    tags,
    summary: "Change the password and end all other sessions",
    security: bearer,
    request: { body: json(changePasswordBody) },
    responses: {
      204: { description: "changed" },
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "forbidden",
        "bad_credentials",
        "weak_password",
        "overloaded",
      ),
    },
  }),
  listSessions: createRoute({
    method: "get",
    path: "/me/sessions",
    tags,
    summary: "The live sessions of the caller, last used first",
    security: bearer,
    responses: {
      200: answer("the sessions", sessionList),
      default: refusals("bad_token", "session_revoked"),
    },
  }),
  endSession: createRoute({
    method: "delete",
    path: "/me/sessions/{session}",
    tags,
    summary: "End one session of the caller and close its connections",
    security: bearer,
    request: { params: inSession },
    responses: {
      204: { description: "ended" },
      default: refusals("bad_request", "bad_token", "session_revoked", "unknown_session"),
    },
  }),
  endSessions: createRoute({
    method: "delete",
    path: "/me/sessions",
    tags,
    summary: "Log out everywhere: end all sessions of the caller, this one included unless `others` is true",
    security: bearer,
    request: { query: endSessionsQuery },
    responses: { 204: { description: "ended" }, default: refusals("bad_request", "bad_token", "session_revoked") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routePassword(app, context);
  routeSessions(app, context);
}

function routePassword(app: ApiApp, context: ApiContext): void {
  const { limits, signedIn, securityLog } = context;

  app.openapi({ ...contract.changePassword, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    const body = c.req.valid("json");
    try {
      await changePassword(context, c.var.caller, body, { address, signal: c.req.raw.signal });
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.code : "error";
      securityLog({ event: "password_change", outcome: "refused", address, user: user.id, session, reason });
      throw error;
    }
    securityLog({ event: "password_change", outcome: "success", address, user: user.id, session });
    return c.body(null, 204);
  });
}

function routeSessions(app: ApiApp, { limits, sessions, store, signedIn, securityLog }: ApiContext): void {
  app.openapi({ ...contract.listSessions, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    limits.account(user.id);
    const list = (await store.sessions.list(user.id)).map(({ id, createdAt, usedAt, address, agent }) => ({
      id,
      createdAt: createdAt.getTime(),
      usedAt: usedAt.getTime(),
      ...(address === null ? {} : { address }),
      ...(agent === null ? {} : { agent }),
      current: id === session,
    }));
    return c.json({ sessions: list }, 200);
  });

  app.openapi({ ...contract.endSession, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { session } = c.req.valid("param");
    limits.account(user.id);
    await sessions.endOwn(c.var.caller, session);
    securityLog({ event: "session_end", outcome: "success", address: c.env.address, user: user.id, session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.endSessions, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    const isOthers = c.req.valid("query").others === "true";
    await sessions.endAll(c.var.caller, { isOthers });
    const reason = isOthers ? "others" : "all";
    securityLog({ event: "session_end", outcome: "success", address: c.env.address, user: user.id, reason });
    return c.body(null, 204);
  });
}

type Change = { readonly currentPassword: string; readonly newPassword: string };

/** One transaction changes the password and ends the sessions: no crash leaves a session behind a changed password. */
async function changePassword(
  context: ApiContext,
  { user: { id }, session }: Caller,
  { currentPassword, newPassword }: Change,
  requester: Requester,
): Promise<void> {
  const { store, passwords, settings, revocations, accountMail } = context;
  const user = await requireAccount(context, id);
  const words = accountWords(user.username, undefined);
  assertStrongPassword(newPassword, [...serverWords(settings.ALLOWED_ORIGINS), ...words]);
  await assertOwnPassword(context, user, currentPassword, requester);
  const account = await store.accounts.find(id);
  const passwordHash = await passwords.hash(newPassword, requester);
  const change = { known: user.passwordHash, passwordHash, except: session, address: requester.address };
  const ended = await store.accounts.changePassword(id, change);
  if (ended === null) throw new ProtocolError("bad_credentials", "the password was changed meanwhile");
  await revocations.tell(ended);
  if (account?.email && account.isEmailVerified) accountMail.notify("password", account.email, user.username);
}
