import { createRoute, z } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import {
  addPasskeyBody,
  passkeyInfo,
  passkeyList,
  passkeyOptions,
  proofBody,
  recoveryCodeList,
} from "@hubbub/protocol/http-signin";
import type { Passkey } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, proofRefusals, refusals } from "../routes/shapes.ts";
import { passkeysOf } from "./passkeys.ts";

const tags = ["signing in"];
const options = passkeyOptions.meta({ id: "PasskeyOptions" });
const info = passkeyInfo.meta({ id: "Passkey" });
const inPasskey = z.object({ passkey: z.string().regex(/^[A-Za-z0-9_-]{1,2048}$/, "must be the id of a passkey") });

export const contract = {
  listPasskeys: createRoute({
    method: "get",
    path: "/me/passkeys",
    tags,
    summary: "The passkeys of the caller",
    security: bearer,
    responses: {
      200: answer("the passkeys, oldest first", passkeyList.extend({ passkeys: info.array() })),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
  askPasskey: createRoute({
    method: "post",
    path: "/me/passkeys/options",
    tags,
    summary: "A challenge for a new passkey",
    security: bearer,
    request: { body: json(proofBody) },
    responses: { 200: answer("options for the browser", options), default: refusals(...proofRefusals, "not_found") },
  }),
  addPasskey: createRoute({
    method: "post",
    path: "/me/passkeys",
    tags,
    summary: "Add a passkey",
    security: bearer,
    request: { body: json(addPasskeyBody) },
    responses: {
      201: answer(
        "added; recovery codes, if it is the first second factor: shown once",
        info.extend(recoveryCodeList.partial().shape),
      ),
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "insufficient_scope",
        "bad_ticket",
        "bad_passkey",
        "already_enabled",
        "limit_reached",
        "not_found",
      ),
    },
  }),
  removePasskey: createRoute({
    method: "post",
    path: "/me/passkeys/{passkey}/remove",
    tags,
    summary: "Remove a passkey; asks for the password or a code",
    security: bearer,
    request: { params: inPasskey, body: json(proofBody) },
    responses: { 204: { description: "removed" }, default: refusals(...proofRefusals, "unknown_credential") },
  }),
};

function toInfo({ id, name, isSecondFactor, createdAt, usedAt }: Omit<Passkey, "user">) {
  return {
    id,
    name,
    secondFactor: isSecondFactor,
    createdAt: createdAt.getTime(),
    ...(usedAt === null ? {} : { usedAt: usedAt.getTime() }),
  };
}

export function route(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, signedIn, securityLog, signin } = context;

  app.openapi({ ...contract.listPasskeys, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    return c.json({ passkeys: (await store.signin.passkeys.list(user.id)).map(toInfo) }, 200);
  });

  app.openapi({ ...contract.askPasskey, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const asking = passkeysOf(signin);
    const user = await signin.proofs.require(caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    return c.json(await asking.askToAdd(user, address), 200);
  });

  app.openapi({ ...contract.addPasskey, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    const { ticket, name, secondFactor, answer: given } = c.req.valid("json");
    limits.account(user.id);
    const made = await passkeysOf(signin).verifyNew(user.id, { ticket, answer: given });
    const passkey = { ...made, name, isSecondFactor: secondFactor };
    const state = await store.signin.passkeys.add(user.id, passkey, settings.PASSKEYS_PER_USER, actingOf(c.var.caller));
    if (state === "full") throw new ProtocolError("limit_reached");
    if (state === "exists") throw new ProtocolError("already_enabled", "this passkey is registered already");
    securityLog({ event: "passkey_add", outcome: "success", address: c.env.address, user: user.id, session });
    const codes = secondFactor ? await signin.secondFactors.recoveryCodesIfNone(user.id, c.env.address) : undefined;
    const added = toInfo({ ...passkey, createdAt: new Date(), usedAt: null });
    return c.json({ ...added, ...(codes === undefined ? {} : { codes }) }, 201);
  });

  app.openapi({ ...contract.removePasskey, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    limits.account(caller.user.id);
    const requester = { address, signal: c.req.raw.signal };
    const { id } = await signin.proofs.require(caller, c.req.valid("json"), requester, { isFreshEnough: false });
    if (!(await store.signin.passkeys.remove(id, c.req.valid("param").passkey, actingOf(caller))))
      throw new ProtocolError("unknown_credential");
    securityLog({ event: "passkey_remove", outcome: "success", address, user: id, session: caller.session });
    return c.body(null, 204);
  });
}
