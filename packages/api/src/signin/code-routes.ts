import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import {
  proofBody,
  recoveryCodeList,
  secondFactorStatus,
  totpCodeBody,
  totpSecret,
} from "@hubbub/protocol/http-signin";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, ownRefusals, proofRefusals, refusals } from "../routes/shapes.ts";
import { newTotp } from "./totp.ts";

const tags = ["signing in"];
const codes = recoveryCodeList.meta({ id: "RecoveryCodes" });

export const contract = {
  secondFactorStatus: createRoute({
    method: "get",
    path: "/me/second-factor",
    tags,
    summary: "The second factors that a login asks for, and how many recovery codes are left",
    security: bearer,
    responses: {
      200: answer("the second factors", secondFactorStatus.meta({ id: "SecondFactorStatus" })),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
  beginTotp: createRoute({
    method: "post",
    path: "/me/totp",
    tags,
    summary: "A secret for an authenticator app, shown once; it is on after its first code",
    security: bearer,
    request: { body: json(proofBody) },
    responses: {
      201: answer("the secret", totpSecret.meta({ id: "TotpSecret" })),
      default: refusals(...proofRefusals, "already_enabled", "not_found"),
    },
  }),
  confirmTotp: createRoute({
    method: "post",
    path: "/me/totp/confirm",
    tags,
    summary: "Turn the authenticator app on with its first code",
    security: bearer,
    request: { body: json(totpCodeBody) },
    responses: {
      200: answer("on; recovery codes, if the user had none left: shown once", recoveryCodeList.partial()),
      default: refusals(...ownRefusals, "bad_code", "already_enabled"),
    },
  }),
  removeTotp: createRoute({
    method: "post",
    path: "/me/totp/remove",
    tags,
    summary: "Turn the authenticator app off; asks for the password or a code",
    security: bearer,
    request: { body: json(proofBody) },
    responses: { 204: { description: "off" }, default: refusals(...proofRefusals, "unknown_credential") },
  }),
  renewRecoveryCodes: createRoute({
    method: "post",
    path: "/me/recovery-codes",
    tags,
    summary: "Ten new recovery codes, shown once; earlier ones are void",
    security: bearer,
    request: { body: json(proofBody) },
    responses: { 201: answer("the codes", codes), default: refusals(...proofRefusals) },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeBeginning(app, context);
  routeConfirmed(app, context);
}

function routeBeginning(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, signedIn, signin } = context;
  const { proofs, secrets } = signin;
  const issuer = settings.PUBLIC_URL === undefined ? "Hubbub" : new URL(settings.PUBLIC_URL).host;

  app.openapi({ ...contract.secondFactorStatus, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    return c.json(await store.signin.factors.of(user.id), 200);
  });

  app.openapi({ ...contract.beginTotp, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const requester = { address: c.env.address, signal: c.req.raw.signal };
    limits.account(caller.user.id);
    if (!secrets.isUsable)
      throw new ProtocolError("not_found", "this server has no SECRET_KEYS for authenticator apps");
    const user = await proofs.require(caller, c.req.valid("json"), requester);
    const totp = newTotp(issuer, user.username);
    if (!(await store.signin.factors.begin(user.id, secrets.seal(totp.secret, user.id))))
      throw new ProtocolError("already_enabled");
    return c.json(totp, 201);
  });
}

function routeConfirmed(app: ApiApp, { store, limits, signedIn, securityLog, signin }: ApiContext): void {
  const { secondFactors, proofs } = signin;

  app.openapi({ ...contract.confirmTotp, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { address } = c.env;
    limits.account(user.id);
    const found = await store.signin.factors.find(user.id);
    if (found?.isConfirmed === true) throw new ProtocolError("already_enabled");
    if (found === null) throw new ProtocolError("bad_code", "begin with POST /me/totp");
    await secondFactors.confirmTotp(user.id, c.req.valid("json").code, address);
    securityLog({ event: "totp_on", outcome: "success", address, user: user.id, session });
    const fresh = await secondFactors.recoveryCodesIfNone(user.id, address);
    return c.json(fresh === undefined ? {} : { codes: fresh }, 200);
  });

  app.openapi({ ...contract.removeTotp, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const requester = { address, signal: c.req.raw.signal };
    const { id } = await proofs.require(caller, c.req.valid("json"), requester, { isFreshEnough: false });
    if (!(await store.signin.factors.remove(id, { by: id, address }))) throw new ProtocolError("unknown_credential");
    securityLog({ event: "totp_off", outcome: "success", address, user: id, session: caller.session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.renewRecoveryCodes, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const { id } = await proofs.require(caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    const fresh = await secondFactors.renewRecoveryCodes(id, address);
    securityLog({ event: "recovery_codes", outcome: "success", address, user: id, session: caller.session });
    return c.json({ codes: fresh }, 201);
  });
}
