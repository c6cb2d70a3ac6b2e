import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { isReservedName, ProtocolError, type UserId } from "@hubbub/protocol";
import { userId, uuid } from "@hubbub/protocol/codec";
import { botInfo, botList, createBotBody } from "@hubbub/protocol/http-bots";
import { accessTokenInfo, accessTokenList, createTokenBody, newAccessToken } from "@hubbub/protocol/http-signin";
import type { Bot } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, ownRefusals, proofRefusals, refusals } from "../routes/shapes.ts";
import { newTokenOf, toTokenInfo } from "../signin/token-text.ts";

/** Bots of one user. */
const BOTS_MAX = 20;

const tags = ["bots"];
const botSchema = botInfo.meta({ id: "Bot" });
const tokenSchema = accessTokenInfo.meta({ id: "AccessToken" });
const inBot = z.object({ bot: userId });
const inToken = z.object({ bot: userId, token: uuid });
const botRefusals = [...ownRefusals, "unknown_bot"] as const;

export const contract = {
  createBot: createRoute({
    method: "post",
    path: "/bots",
    tags,
    summary: "Create a bot: an account of a program, which belongs to the caller",
    security: bearer,
    request: { body: json(createBotBody) },
    responses: {
      200: answer("the caller's bot of this name", botSchema),
      201: answer("the bot", botSchema),
      default: refusals(...ownRefusals, "username_taken", "username_reserved", "limit_reached", "overloaded"),
    },
  }),
  listBots: createRoute({
    method: "get",
    path: "/bots",
    tags,
    summary: "The bots of the caller, newest first",
    security: bearer,
    responses: {
      200: answer("the bots", botList.extend({ bots: botSchema.array() })),
      default: refusals(...ownRefusals),
    },
  }),
  deleteBot: createRoute({
    method: "delete",
    path: "/bots/{bot}",
    tags,
    summary: "Delete a bot with its tokens and hooks; what it wrote stays",
    security: bearer,
    request: { params: inBot },
    responses: { 204: { description: "deleted" }, default: refusals(...botRefusals) },
  }),
  createBotToken: createRoute({
    method: "post",
    path: "/bots/{bot}/tokens",
    tags,
    summary: "Create an access token of a bot; it is shown once",
    security: bearer,
    request: { params: inBot, body: json(createTokenBody) },
    responses: {
      201: answer("the token", newAccessToken.meta({ id: "NewAccessToken" })),
      default: refusals(...proofRefusals, "unknown_bot", "limit_reached"),
    },
  }),
  listBotTokens: createRoute({
    method: "get",
    path: "/bots/{bot}/tokens",
    tags,
    summary: "The access tokens of a bot, newest first",
    security: bearer,
    request: { params: inBot },
    responses: {
      200: answer("the tokens", accessTokenList.extend({ tokens: tokenSchema.array() })),
      default: refusals(...botRefusals),
    },
  }),
  revokeBotToken: createRoute({
    method: "delete",
    path: "/bots/{bot}/tokens/{token}",
    tags,
    summary: "Revoke an access token of a bot and close its connections",
    security: bearer,
    request: { params: inToken },
    responses: { 204: { description: "revoked" }, default: refusals(...botRefusals, "unknown_credential") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeBots(app, context);
  routeTokens(app, context);
}

/** @throws ProtocolError unknown_bot */
export async function requireBot({ store }: Pick<ApiContext, "store">, owner: UserId, bot: UserId): Promise<Bot> {
  const found = await store.bots.find(owner, bot);
  if (found === null) throw new ProtocolError("unknown_bot");
  return found;
}

const toInfo = ({ user, createdAt }: Bot) => ({ user, createdAt: createdAt.getTime() });

function routeBots(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, passwords, revocations, signedIn } = context;

  app.openapi({ ...contract.createBot, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { username } = c.req.valid("json");
    limits.account(user.id);
    if ((await store.users.find(user.id))?.passwordHash == null)
      throw new ProtocolError("forbidden", "guests have no bots; create an account first");
    if (isReservedName(username, settings.RESERVED_NAMES)) throw new ProtocolError("username_reserved");
    // Nobody knows the password: a bot has tokens.
    const requester = { address: c.env.address, signal: c.req.raw.signal };
    const passwordHash = await passwords.hash(randomBytes(32).toString("base64url"), requester);
    const made = await store.bots.create(user.id, { username, passwordHash }, BOTS_MAX, actingOf(c.var.caller));
    if (made === null) throw new ProtocolError("limit_reached");
    return c.json(toInfo(made), made.isNew ? 201 : 200);
  });

  app.openapi({ ...contract.listBots, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    return c.json({ bots: (await store.bots.list(user.id)).map(toInfo) }, 200);
  });

  app.openapi({ ...contract.deleteBot, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { bot } = c.req.valid("param");
    limits.account(user.id);
    await requireBot(context, user.id, bot);
    // First the tokens: a deletion that fails half-way is repeated by its owner.
    const { sessions } = await store.signin.tokens.revokeAll(bot, actingOf(c.var.caller));
    await revocations.tell(sessions);
    await store.bots.delete(user.id, bot, actingOf(c.var.caller));
    return c.body(null, 204);
  });
}

function routeTokens(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, revocations, signedIn, securityLog, signin } = context;

  app.openapi({ ...contract.createBotToken, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    const { name, scopes, days, ...proof } = c.req.valid("json");
    limits.account(caller.user.id);
    const { user } = await requireBot(context, caller.user.id, c.req.valid("param").bot);
    await signin.proofs.require(caller, proof, { address, signal: c.req.raw.signal });
    const { token, ...wanted } = newTokenOf({ name, scopes, days });
    const created = await store.signin.tokens.create(user.id, wanted, settings.TOKENS_PER_USER, actingOf(caller));
    if (created === null) throw new ProtocolError("limit_reached");
    securityLog({ event: "token_create", outcome: "success", address, user: user.id, reason: scopes.join(" ") });
    return c.json({ ...toTokenInfo(created), token }, 201);
  });

  app.openapi({ ...contract.listBotTokens, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.account(user.id);
    const bot = await requireBot(context, user.id, c.req.valid("param").bot);
    return c.json({ tokens: (await store.signin.tokens.list(bot.user.id)).map(toTokenInfo) }, 200);
  });

  app.openapi({ ...contract.revokeBotToken, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { bot, token } = c.req.valid("param");
    limits.account(user.id);
    await requireBot(context, user.id, bot);
    const ended = await store.signin.tokens.revoke(bot, token, actingOf(c.var.caller));
    if (ended === null) throw new ProtocolError("unknown_credential");
    await revocations.tell(ended);
    securityLog({ event: "token_revoke", outcome: "success", address: c.env.address, user: bot });
    return c.body(null, 204);
  });
}
