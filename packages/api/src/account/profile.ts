import { createRoute } from "@hono/zod-openapi";
import { ProtocolError, type UserId } from "@hubbub/protocol";
import { accountInfo, profile, profileChange, publicProfile } from "@hubbub/protocol/http-accounts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inUser, json, refusals } from "../routes/shapes.ts";
import { looksReserved, unicodeSkeletonOf } from "./look-alike.ts";
import { requireAccount } from "./own-password.ts";

const tags = ["accounts"];

export const contract = {
  ownAccount: createRoute({
    method: "get",
    path: "/me/account",
    tags,
    summary: "The account and the profile of the caller",
    security: bearer,
    responses: {
      200: answer("the account; a guest has no profile", accountInfo.meta({ id: "Account" })),
      default: refusals("bad_token", "session_revoked"),
    },
  }),
  changeProfile: createRoute({
    method: "patch",
    path: "/me",
    tags,
    summary: "Change the profile of the caller; null removes a value",
    security: bearer,
    request: { body: json(profileChange) },
    responses: {
      200: answer("the whole profile", profile.meta({ id: "Profile" })),
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "forbidden",
        "username_taken",
        "username_reserved",
      ),
    },
  }),
  profileOf: createRoute({
    method: "get",
    path: "/users/{id}",
    tags,
    summary: "The profile of a user who shares a room with the caller",
    security: bearer,
    request: { params: inUser },
    responses: {
      200: answer("the profile", publicProfile.meta({ id: "PublicProfile" })),
      default: refusals("bad_request", "bad_token", "session_revoked", "unknown_user"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, signedIn, securityLog } = context;

  app.openapi({ ...contract.ownAccount, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    const account = await store.accounts.find(user.id);
    if (account === null) throw new ProtocolError("session_revoked");
    const { createdAt, email, isEmailVerified, ...told } = account;
    const address = email === null ? {} : { email: { address: email, isVerified: isEmailVerified } };
    const serverRole = await store.admin.roleOf(user.id);
    const role = serverRole === null ? {} : { serverRole };
    return c.json({ ...told, createdAt: createdAt.getTime(), ...address, ...role }, 200);
  });

  app.openapi({ ...contract.changeProfile, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    limits.account(user.id);
    await requireAccount(context, user.id);
    const change = c.req.valid("json");
    if (change.displayName) await assertOwnName(context, user.id, change.displayName);
    const whole = await store.profiles.change(user.id, change);
    securityLog({ event: "profile_change", outcome: "success", address: c.env.address, user: user.id, session });
    return c.json(whole, 200);
  });

  app.openapi({ ...contract.profileOf, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id } = c.req.valid("param");
    const found = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const known = await store.profiles.find(id, user.id);
      if (known === null) throw new ProtocolError("unknown_user");
      return known;
    });
    return c.json(found, 200);
  });
}

/** A display name may be one that others have too, but not the username of another account. */
async function assertOwnName({ store, settings }: ApiContext, user: UserId, name: string): Promise<void> {
  if (looksReserved(name, settings.RESERVED_NAMES))
    throw new ProtocolError("username_reserved", "displayName: looks like a reserved name; choose another");
  const owner = await store.profiles.ownerOfSkeleton(unicodeSkeletonOf(name));
  if (owner !== null && owner !== user)
    throw new ProtocolError("username_taken", "displayName: looks like the username of another account");
}
