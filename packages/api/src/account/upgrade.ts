import { createRoute } from "@hono/zod-openapi";
import { isReservedName, ProtocolError, type PublicUser, type SessionId, usernameKey } from "@hubbub/protocol";
import { upgradeBody, upgraded } from "@hubbub/protocol/http-accounts";
import type { UserRecord } from "@hubbub/store";
import type { Requester } from "../auth/fair-semaphore.ts";
import { accountWords, assertStrongPassword, serverWords } from "../auth/password-rules.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "../routes/shapes.ts";
import { assertOwnPassword } from "./own-password.ts";

export const contract = {
  upgradeGuest: createRoute({
    method: "post",
    path: "/me/account",
    tags: ["accounts"],
    summary: "Make the guest of this token an account, with the same id, sessions, connections and messages",
    security: bearer,
    request: { body: json(upgradeBody) },
    responses: {
      200: answer("the account; the next refresh gives a token with its name", upgraded),
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "already_account",
        "bad_credentials",
        "username_taken",
        "username_reserved",
        "weak_password",
        "overloaded",
      ),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { limits, signedIn, securityLog, accountMail } = context;
  app.openapi({ ...contract.upgradeGuest, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    const body = c.req.valid("json");
    const wanted = { ...body, user, session };
    try {
      const account = await upgrade(context, wanted, { address, signal: c.req.raw.signal });
      securityLog({ event: "guest_upgrade", outcome: "success", address, user: user.id, session });
      if (body.email !== undefined) accountMail.greet(account, body.email, address);
      return c.json({ user: account }, 200);
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.code : "error";
      securityLog({ event: "guest_upgrade", outcome: "refused", address, user: user.id, session, reason });
      throw error;
    }
  });
}

interface Wanted {
  readonly user: PublicUser;
  readonly session: SessionId;
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
}

async function upgrade(context: ApiContext, wanted: Wanted, requester: Requester): Promise<PublicUser> {
  const { store, settings, limits, passwords } = context;
  const { user, session, username, password, email } = wanted;
  const found = await store.users.find(user.id);
  if (found === null) throw new ProtocolError("session_revoked");
  if (found.passwordHash !== null) return repeated(context, found, wanted, requester);
  if (isReservedName(username, settings.RESERVED_NAMES)) throw new ProtocolError("username_reserved");
  assertStrongPassword(password, [...serverWords(settings.ALLOWED_ORIGINS), ...accountWords(username, email)]);
  limits.signup(requester.address);
  // Checked before the expensive hash; the store decides between concurrent calls.
  if (await store.users.looksTaken(username)) throw new ProtocolError("username_taken");
  const passwordHash = await passwords.hash(password, requester);
  const account = { username, email, passwordHash };
  const outcome = await store.accounts.upgrade(user.id, session, account, requester.address);
  if (outcome === "upgraded") return { id: user.id, username };
  const present = outcome === "ended" ? null : await store.users.find(user.id);
  if (present === null) throw new ProtocolError("session_revoked");
  return repeated(context, present, wanted, requester);
}

/** An earlier call with the same name and password made this account, and its answer was lost. */
async function repeated(
  context: ApiContext,
  { id, username, passwordHash }: UserRecord,
  wanted: Wanted,
  requester: Requester,
): Promise<PublicUser> {
  if (passwordHash === null || usernameKey(username) !== usernameKey(wanted.username))
    throw new ProtocolError("already_account");
  await assertOwnPassword(context, { id, username, passwordHash }, wanted.password, requester);
  return { id, username };
}
