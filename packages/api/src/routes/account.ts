import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { changePasswordBody, sessionList } from "@hubbub/protocol/http";
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
    summary: "Log out everywhere: end all sessions of the caller, this one included",
    security: bearer,
    responses: { 204: { description: "ended" }, default: refusals("bad_token", "session_revoked") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { limits, sessions, store, signedIn, securityLog } = context;

  app.openapi({ ...contract.changePassword, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    const body = c.req.valid("json");
    try {
      await changePassword(context, user.id, body, { address, signal: c.req.raw.signal });
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.code : "error";
      securityLog({ event: "password_change", outcome: "refused", address, user: user.id, session, reason });
      throw error;
    }
    await sessions.endAll(user.id, { except: session });
    securityLog({ event: "password_change", outcome: "success", address, user: user.id, session });
    return c.body(null, 204);
  });

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
    await sessions.endOwn(user.id, session);
    securityLog({ event: "session_end", outcome: "success", address: c.env.address, user: user.id, session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.endSessions, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    await sessions.endAll(user.id);
    securityLog({ event: "session_end", outcome: "success", address: c.env.address, user: user.id, reason: "all" });
    return c.body(null, 204);
  });
}

type Change = { readonly currentPassword: string; readonly newPassword: string };

/** An attacker can guess the current password here as at a login: the same bounds apply. */
async function changePassword(
  { store, passwords, loginGuard, settings }: ApiContext,
  id: Parameters<ApiContext["store"]["users"]["find"]>[0],
  { currentPassword, newPassword }: Change,
  requester: Requester,
): Promise<void> {
  const user = await store.users.find(id);
  const known = user?.passwordHash ?? null;
  if (user === null || known === null) throw new ProtocolError("forbidden", "a guest has no password; sign up");
  assertStrongPassword(newPassword, [
    ...serverWords(settings.ALLOWED_ORIGINS),
    ...accountWords(user.username, undefined),
  ]);
  const { address } = requester;
  const owner = async () => ({ user: id, isKnown: await store.sessions.isKnownAddress(id, address) });
  const { verdict } = await loginGuard.attempt({ username: user.username, address }, owner, async () => ({
    verdict: await passwords.verify(known, currentPassword, requester),
  }));
  if (verdict === "wrong") throw new ProtocolError("bad_credentials", "the current password is wrong");
  const changed = await store.users.updatePasswordHash(id, await passwords.hash(newPassword, requester), known);
  if (!changed) throw new ProtocolError("bad_credentials", "the password was changed meanwhile");
}
