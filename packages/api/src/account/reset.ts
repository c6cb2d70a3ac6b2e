import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { forgotPasswordBody, resetPasswordBody } from "@hubbub/protocol/http-accounts";
import type { Requester } from "../auth/fair-semaphore.ts";
import { accountWords, assertStrongPassword, serverWords } from "../auth/password-rules.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { json, refusals } from "../routes/shapes.ts";
import { hashCode } from "./account-mail.ts";

const tags = ["accounts"];

export const contract = {
  forgotPassword: createRoute({
    method: "post",
    path: "/auth/password/forgot",
    tags,
    summary: "Send a code for a new password to a verified address",
    request: { body: json(forgotPasswordBody) },
    responses: {
      202: { description: "if an account has verified the address, a code is on its way" },
      default: refusals("bad_request", "mail_disabled", "overloaded"),
    },
  }),
  resetPassword: createRoute({
    method: "post",
    path: "/auth/password/reset",
    tags,
    summary: "Set a new password with the code of a mail, and end all sessions",
    request: { body: json(resetPasswordBody) },
    responses: {
      204: { description: "set; log in with it" },
      default: refusals("bad_request", "bad_link", "weak_password", "overloaded"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { limits, securityLog, accountMail } = context;

  app.openapi(contract.forgotPassword, (c) => {
    const { address } = c.env;
    // Looked up, stored and sent after this answer: it is the same for any address, and takes as long.
    accountMail.reset(c.req.valid("json").email, address);
    securityLog({ event: "password_reset", outcome: "success", address, reason: "asked" });
    return c.body(null, 202);
  });

  app.openapi(contract.resetPassword, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const requester = { address, signal: c.req.raw.signal };
    try {
      const user = await reset(context, c.req.valid("json"), requester);
      securityLog({ event: "password_reset", outcome: "success", address, user, reason: "set" });
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.code : "error";
      securityLog({ event: "password_reset", outcome: "refused", address, reason });
      throw error;
    }
    return c.body(null, 204);
  });
}

interface Wanted {
  readonly code: string;
  readonly newPassword: string;
}

/** A code is looked up before the expensive hash, and used after it: a refused password does not use it up. */
async function reset(
  { store, settings, passwords, revocations, accountMail }: ApiContext,
  { code, newPassword }: Wanted,
  requester: Requester,
): Promise<string> {
  const hash = hashCode(code);
  const owner = await store.mailCodes.findReset(hash);
  if (owner === null) throw new ProtocolError("bad_link");
  const words = accountWords(owner.username, undefined);
  assertStrongPassword(newPassword, [...serverWords(settings.ALLOWED_ORIGINS), ...words]);
  const done = await store.mailCodes.reset(hash, await passwords.hash(newPassword, requester), requester.address);
  if (done === null) throw new ProtocolError("bad_link");
  await revocations.tell(done.ended);
  accountMail.notify("password", done.address, done.username);
  return done.user;
}
