import { createHash, randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { admitMessage, encodeMessage } from "@hubbub/chat";
import { type EventId, HTTP_PREFIX, newId, ProtocolError } from "@hubbub/protocol";
import { roomId, uuid } from "@hubbub/protocol/codec";
import { postedMessage } from "@hubbub/protocol/http";
import { createHookBody, hookBody, hookInfo, hookList, newHook } from "@hubbub/protocol/http-bots";
import type { IncomingHook } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, json, permittedRefusals, refusals } from "../routes/shapes.ts";
import { hashOf } from "../signin/token-text.ts";
import { requireBot } from "./bot-routes.ts";

/** Incoming hooks of one room. */
const HOOKS_MAX = 20;
const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const KEY_MAX = 256;

const tags = ["bots"];
const hookSchema = hookInfo.meta({ id: "Hook" });
const inHook = z.object({ id: roomId, hook: uuid });
const inAddress = z.object({ hook: uuid, secret: z.string().regex(SECRET, "must be the secret of a hook") });
const keys = z.object({
  "idempotency-key": z.string().min(1).max(KEY_MAX).optional(),
  "webhook-id": z.string().min(1).max(KEY_MAX).optional(),
});

export const contract = {
  createHook: createRoute({
    method: "post",
    path: "/rooms/{id}/hooks",
    tags,
    summary: "Create an address that posts into the room as a bot of the caller. For admins of the room",
    security: bearer,
    request: { params: inRoom, body: json(createHookBody) },
    responses: {
      201: answer("the hook, whose `path` is shown once; the bot is a member now", newHook.meta({ id: "NewHook" })),
      default: refusals(
        ...permittedRefusals,
        ...(["unknown_bot", "limit_reached", "has_left", "banned", "room_archived", "overloaded"] as const),
      ),
    },
  }),
  listHooks: createRoute({
    method: "get",
    path: "/rooms/{id}/hooks",
    tags,
    summary: "The hooks of the room, newest first. For admins of the room",
    security: bearer,
    request: { params: inRoom },
    responses: {
      200: answer("the hooks", hookList.extend({ hooks: hookSchema.array() })),
      default: refusals(...permittedRefusals),
    },
  }),
  removeHook: createRoute({
    method: "delete",
    path: "/rooms/{id}/hooks/{hook}",
    tags,
    summary: "Revoke a hook of the room: its address posts nothing any more. For admins of the room",
    security: bearer,
    request: { params: inHook },
    responses: { 204: { description: "revoked" }, default: refusals(...permittedRefusals, "unknown_hook") },
  }),
  postHook: createRoute({
    method: "post",
    path: "/hooks/in/{hook}/{secret}",
    tags,
    summary: "Publish a message as the bot of a hook, as Slack's incoming hooks do. The address is the credential",
    request: { params: inAddress, headers: keys, body: json(hookBody) },
    responses: {
      200: answer("accepted, or accepted before under the same key", postedMessage.meta({ id: "PostedMessage" })),
      default: refusals(
        ...(["bad_request", "unknown_hook", "account_suspended", "unknown_room", "not_member", "forbidden"] as const),
        ...(["muted", "slow_mode", "room_archived", "overloaded"] as const),
      ),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeManagement(app, context);
  routePosts(app, context);
}

function routeManagement(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.createHook, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id: room } = c.req.valid("param");
    limits.membership(user);
    await membership.permit(room, user, "change-room");
    const bot = await requireBot(context, user.id, c.req.valid("json").bot);
    limits.membershipOf(room);
    await membership.add(room, bot.user, user);
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const wanted = { room, bot: bot.user.id, secretHash: hashOf(secret) };
    const made = await store.bots.addHook(wanted, HOOKS_MAX, actingOf(c.var.caller));
    if (made === null) throw new ProtocolError("limit_reached");
    return c.json({ ...toInfo(made), path: `${HTTP_PREFIX}/hooks/in/${made.id}/${secret}` }, 201);
  });

  app.openapi({ ...contract.listHooks, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    await membership.permit(room, c.var.caller.user, "change-room");
    return c.json({ hooks: (await store.bots.hooks(room)).map(toInfo) }, 200);
  });

  app.openapi({ ...contract.removeHook, middleware: signedIn }, async (c) => {
    const { id: room, hook } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    await membership.permit(room, user, "change-room");
    if (!(await store.bots.removeHook(room, hook, actingOf(c.var.caller)))) throw new ProtocolError("unknown_hook");
    return c.body(null, 204);
  });
}

/** The bot posts as any member does: a mute, a removal and the settings of the room hold for it. */
function routePosts(app: ApiApp, { acceptor, broker, changes, store, limits, membership }: ApiContext): void {
  app.openapi(contract.postHook, async (c) => {
    const { hook: hookId, secret } = c.req.valid("param");
    const { text, id: given } = c.req.valid("json");
    const hook = await store.bots.useHook(hookId, hashOf(secret));
    if (hook === null) throw new ProtocolError("unknown_hook");
    // Behind the secret: others use up nothing of this rate.
    limits.hook(hookId);
    const { room, bot } = hook;
    limits.post(bot, text);
    const headers = c.req.valid("header");
    const id = given ?? eventIdOf(hookId, headers["idempotency-key"] ?? headers["webhook-id"]);
    const message = { id, text };
    const standing = await changes.checkNamed(room, message, await membership.require(room, bot));
    await admitMessage(broker.turns, standing, { room, user: bot.id, id });
    limits.event(room);
    const body = encodeMessage(bot, message, standing);
    const { state, seq, epoch, at } = await acceptor.accept({ room, user: bot.id, id, body });
    return c.json({ seq, epoch, at, ...(state === "duplicate" ? { duplicate: true as const } : {}) }, 200);
  });
}

/** The same key of the same hook is the same message. */
function eventIdOf(hook: string, key: string | undefined): EventId {
  if (key === undefined) return newId<EventId>();
  return createHash("sha256").update(`${hook}/${key}`).digest("base64url") as EventId;
}

function toInfo({ id, room, bot, createdAt, usedAt }: IncomingHook) {
  const times = { createdAt: createdAt.getTime(), ...(usedAt === null ? {} : { usedAt: usedAt.getTime() }) };
  return { id, room, bot, ...times };
}
