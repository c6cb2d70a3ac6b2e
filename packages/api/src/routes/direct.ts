import { createRoute, z } from "@hono/zod-openapi";
import { tellUser } from "@hubbub/chat";
import { ProtocolError, type UserId } from "@hubbub/protocol";
import { userId } from "@hubbub/protocol/codec";
import { room } from "@hubbub/protocol/http";
import { blockList, directBody } from "@hubbub/protocol/http-moderation";
import type { ApiApp, ApiContext } from "../context.ts";
import { numberRoom } from "../number-room.ts";
import { toRooms } from "../room-heads.ts";
import { answer, bearer, json, refusals, signedInRefusals } from "./shapes.ts";

const tags = ["people"];
const ofUser = z.object({ user: userId });

export const contract = {
  direct: createRoute({
    method: "post",
    path: "/direct",
    tags,
    summary: "The direct room of the caller with up to 7 users; made at the first call",
    security: bearer,
    request: { body: json(directBody) },
    responses: {
      200: answer("the room", room.meta({ id: "Room" })),
      default: refusals(...signedInRefusals, "unknown_user", "forbidden"),
    },
  }),
  block: createRoute({
    method: "put",
    path: "/me/blocks/{user}",
    tags,
    summary: "Block a user: no direct messages and no mentions of theirs",
    security: bearer,
    request: { params: ofUser },
    responses: { 204: { description: "blocked" }, default: refusals(...signedInRefusals, "unknown_user") },
  }),
  unblock: createRoute({
    method: "delete",
    path: "/me/blocks/{user}",
    tags,
    summary: "End a block",
    security: bearer,
    request: { params: ofUser },
    responses: { 204: { description: "not blocked" }, default: refusals(...signedInRefusals) },
  }),
  blocks: createRoute({
    method: "get",
    path: "/me/blocks",
    tags,
    summary: "Users that the caller has blocked",
    security: bearer,
    responses: { 200: answer("the newest 1,000", blockList), default: refusals("bad_token", "session_revoked") },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeDirect(app, context);
  routeBlocks(app, context);
}

async function usersOf({ store }: ApiContext, names: readonly string[], caller: UserId): Promise<UserId[]> {
  const found = await Promise.all(names.map((name) => store.users.findByUsername(name)));
  const ids = found.map((user) => {
    if (user === null) throw new ProtocolError("unknown_user");
    return user.id;
  });
  return [...new Set([caller, ...ids])];
}

/** Gateways have cached that the other may write. */
async function forget({ store, broker }: ApiContext, user: UserId, other: UserId): Promise<void> {
  for (const direct of await store.blocks.directRooms(user, other)) {
    await broker.publishControl({ type: "member-changed", room: direct, user: other });
  }
}

function routeDirect(app: ApiApp, context: ApiContext): void {
  const { store, broker, limits, signedIn } = context;

  app.openapi({ ...contract.direct, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.room(user);
    const users = await usersOf(context, c.req.valid("json").users, user.id);
    if (users.length === 1) throw new ProtocolError("bad_request", "users: name somebody else");
    limits.addition(user);
    const { isNew, ...record } = await store.rooms.direct(users);
    if (isNew) {
      await numberRoom(context, record.id);
      for (const other of users) await tellUser(broker, other, { kind: "joined", room: record.id });
    }
    const [shown] = await toRooms(context, [{ ...record, role: "member" }], user.id);
    if (shown === undefined) throw new Error("a record makes a room");
    return c.json(shown, 200);
  });
}

function routeBlocks(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, signedIn } = context;

  app.openapi({ ...contract.block, middleware: signedIn }, async (c) => {
    const { user: blocked } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.account(user.id);
    if (blocked === user.id) throw new ProtocolError("bad_request", "user: nobody blocks themselves");
    if ((await store.users.find(blocked)) === null) throw new ProtocolError("unknown_user");
    await store.blocks.add(user.id, blocked);
    await forget(context, user.id, blocked);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.unblock, middleware: signedIn }, async (c) => {
    const { user: blocked } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.account(user.id);
    await store.blocks.remove(user.id, blocked);
    await forget(context, user.id, blocked);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.blocks, middleware: signedIn }, async (c) => {
    const { user, address } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address }, async () => ({
      users: [...(await store.blocks.list(user.id))],
    }));
    return c.json(page, 200);
  });
}
