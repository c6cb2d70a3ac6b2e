import { createRoute } from "@hono/zod-openapi";
import { ProtocolError, type PublicUser, type Tokens } from "@hubbub/protocol";
import {
  passkeyLoginBody,
  passkeyOptions,
  secondFactorBody,
  signinMethods,
  ticketBody,
} from "@hubbub/protocol/http-signin";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, json, refusals, tokensSchema } from "../routes/shapes.ts";
import { passkeysOf } from "./passkeys.ts";
import { hashOf } from "./token-text.ts";

const tags = ["signing in"];
const options = passkeyOptions.meta({ id: "PasskeyOptions" });

export const contract = {
  signinMethods: createRoute({
    method: "get",
    path: "/auth/methods",
    tags,
    summary: "The ways to log in that this server offers",
    responses: { 200: answer("the ways", signinMethods.meta({ id: "SigninMethods" })), default: refusals() },
  }),
  secondFactor: createRoute({
    method: "post",
    path: "/auth/second-factor",
    tags,
    summary: "Finish a login with a code or a passkey",
    request: { body: json(secondFactorBody) },
    responses: {
      200: answer("a new session", tokensSchema),
      default: refusals("bad_request", "bad_ticket", "bad_code", "bad_passkey", "bad_credentials", "account_suspended"),
    },
  }),
  askPasskeyFactor: createRoute({
    method: "post",
    path: "/auth/second-factor/passkey",
    tags,
    summary: "A challenge for a passkey as the second half of a login",
    request: { body: json(ticketBody) },
    responses: {
      200: answer("options for the browser", options),
      default: refusals("bad_request", "bad_ticket", "not_found"),
    },
  }),
  askPasskeyLogin: createRoute({
    method: "post",
    path: "/auth/passkey/options",
    tags,
    summary: "A challenge for a login with a passkey",
    responses: { 200: answer("options for the browser", options), default: refusals("not_found", "overloaded") },
  }),
  passkeyLogin: createRoute({
    method: "post",
    path: "/auth/passkey",
    tags,
    summary: "Log in with a passkey",
    request: { body: json(passkeyLoginBody) },
    responses: {
      200: answer("a new session", tokensSchema),
      default: refusals("bad_request", "bad_ticket", "bad_passkey", "account_suspended", "not_found"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { settings, limits, sessions, securityLog, signin, accountMail } = context;

  app.openapi(contract.signinMethods, (c) => {
    const { passkeys, secrets, provider: known } = signin;
    const methods = {
      password: true as const,
      guest: settings.ALLOW_GUESTS,
      mail: accountMail.isEnabled,
      passkey: passkeys !== null,
      totp: secrets.isUsable,
      ...(known === null ? {} : { provider: { name: known.name } }),
    };
    return c.json(methods, 200);
  });

  app.openapi(contract.secondFactor, async (c) => {
    const { address } = c.env;
    const body = c.req.valid("json");
    limits.refresh(address);
    const tokens = await finishLogin(context, body, { address, agent: c.req.header("user-agent") });
    return c.json(tokens, 200);
  });

  app.openapi(contract.askPasskeyFactor, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const { user } = await signin.tickets.attempt("second-factor", c.req.valid("json").ticket);
    if (user === null) throw new ProtocolError("bad_ticket");
    return c.json(await passkeysOf(signin).askForFactor(user, address), 200);
  });

  app.openapi(contract.askPasskeyLogin, async (c) => {
    limits.refresh(c.env.address);
    return c.json(await passkeysOf(signin).askToLogIn(c.env.address), 200);
  });

  app.openapi(contract.passkeyLogin, async (c) => {
    const { address } = c.env;
    limits.refresh(address);
    const user = await passkeysOf(signin).use("passkey-login", c.req.valid("json"));
    const tokens = await sessions.start(user, { address, agent: c.req.header("user-agent") });
    securityLog({ event: "passkey_login", outcome: "success", address, user: user.id });
    return c.json(tokens, 200);
  });
}

interface Client {
  readonly address: string;
  readonly agent: string | undefined;
}

type Body = ReturnType<typeof secondFactorBody.parse>;

/** The second half of a login. The ticket is taken last, so that a mistyped code does not cost it. */
async function finishLogin(context: ApiContext, body: Body, { address, agent }: Client): Promise<Tokens> {
  const { store, sessions, securityLog, signin } = context;
  const { user: id, data } = await signin.tickets.attempt("second-factor", body.ticket);
  const user = id === null ? null : await store.users.find(id);
  const isSame = user?.passwordHash != null && hashOf(user.passwordHash) === (data as { password: string }).password;
  if (user === null || user.passwordHash === null || !isSame) throw new ProtocolError("bad_ticket");
  const reason = await useFactor(context, user, body, address).catch((error: unknown) => {
    const code = error instanceof ProtocolError ? error.code : "error";
    securityLog({ event: "second_factor", outcome: "refused", address, user: user.id, reason: code });
    throw error;
  });
  await signin.tickets.take("second-factor", body.ticket);
  const tokens = await sessions.start(user, { address, agent, passwordHash: user.passwordHash });
  securityLog({ event: "second_factor", outcome: "success", address, user: user.id, reason });
  return tokens;
}

async function useFactor({ signin }: ApiContext, user: PublicUser, body: Body, address: string): Promise<string> {
  if (body.passkey === undefined) return await signin.secondFactors.useCode(user.id, body.code ?? "", address);
  if (signin.passkeys === null) throw new ProtocolError("not_found", "this server has no PUBLIC_URL for passkeys");
  await signin.passkeys.use("passkey-factor", body.passkey, user.id);
  return "passkey";
}
