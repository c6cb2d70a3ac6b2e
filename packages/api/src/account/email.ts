import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { changeEmailBody, confirmEmailBody } from "@hubbub/protocol/http-accounts";
import type { ApiApp, ApiContext } from "../context.ts";
import { bearer, json, refusals } from "../routes/shapes.ts";
import { hashCode } from "./account-mail.ts";
import { assertOwnPassword, requireAccount } from "./own-password.ts";

const tags = ["accounts"];

export const contract = {
  changeEmail: createRoute({
    method: "put",
    path: "/me/email",
    tags,
    summary: "Send a code to a new address, or remove the address",
    security: bearer,
    request: { body: json(changeEmailBody) },
    responses: {
      202: { description: "a code is on its way; the address changes when the code comes back" },
      204: { description: "removed" },
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "forbidden",
        "bad_credentials",
        "mail_disabled",
        "overloaded",
      ),
    },
  }),
  confirmEmail: createRoute({
    method: "post",
    path: "/auth/email/confirm",
    tags,
    summary: "Confirm an address with the code of a mail",
    request: { body: json(confirmEmailBody) },
    responses: {
      204: { description: "the address is the verified one of its account" },
      default: refusals("bad_request", "bad_link", "email_taken"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, signedIn, securityLog, accountMail } = context;

  app.openapi({ ...contract.changeEmail, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    const { email, password } = c.req.valid("json");
    if (email !== null && !accountMail.isEnabled) throw new ProtocolError("mail_disabled");
    const who = { address, user: user.id, session };
    try {
      const account = await requireAccount(context, user.id);
      await assertOwnPassword(context, account, password, { address, signal: c.req.raw.signal });
      if (email !== null) accountMail.confirm(account, email, address);
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.code : "error";
      securityLog({ event: "email_change", outcome: "refused", ...who, reason });
      throw error;
    }
    if (email !== null) {
      securityLog({ event: "email_change", outcome: "success", ...who, reason: "asked" });
      return c.body(null, 202);
    }
    const removed = await store.accounts.removeEmail(user.id, address);
    if (removed !== null) accountMail.notify("email", removed, user.username);
    securityLog({ event: "email_change", outcome: "success", ...who, reason: "removed" });
    return c.body(null, 204);
  });

  app.openapi(contract.confirmEmail, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const confirmed = await store.mailCodes.confirm(hashCode(c.req.valid("json").code), address);
    if (confirmed === null) {
      securityLog({ event: "email_change", outcome: "refused", address, reason: "bad_link" });
      throw new ProtocolError("bad_link");
    }
    const { user, username, previous } = confirmed;
    if (previous !== null) accountMail.notify("email", previous, username);
    securityLog({ event: "email_change", outcome: "success", address, user, reason: "confirmed" });
    return c.body(null, 204);
  });
}
