import { createRoute } from "@hono/zod-openapi";
import type { Room, UserId } from "@hubbub/protocol";
import { createRoomBody, leaveRoomQuery, listRoomsQuery, room, roomPage } from "@hubbub/protocol/http";
import type { RoomRecord } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { numberRoom } from "../number-room.ts";
import { toRooms } from "../room-heads.ts";
import { answer, bearer, inRoom, json, refusals } from "./shapes.ts";

const roomSchema = room.meta({ id: "Room" });
const tags = ["rooms"];

export const contract = {
  createRoom: createRoute({
    method: "post",
    path: "/rooms",
    tags,
    summary: "Create a room",
    security: bearer,
    request: { body: json(createRoomBody) },
    responses: {
      200: answer("the room that an earlier call with this `id` created", roomSchema),
      201: answer("the room, owned by the caller", roomSchema),
      default: refusals("bad_request", "bad_token", "session_revoked", "room_name_taken", "unknown_room"),
    },
  }),
  listRooms: createRoute({
    method: "get",
    path: "/rooms",
    tags,
    summary: "Rooms joined, public rooms not joined, or both; by name",
    security: bearer,
    request: { query: listRoomsQuery },
    responses: {
      200: answer("one page; `cursor` is missing on the last", roomPage.extend({ rooms: roomSchema.array() })),
      default: refusals("bad_request", "bad_token", "session_revoked"),
    },
  }),
  getRoom: createRoute({
    method: "get",
    path: "/rooms/{id}",
    tags,
    summary: "One room",
    security: bearer,
    request: { params: inRoom },
    responses: {
      200: answer("the room", roomSchema),
      default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room"),
    },
  }),
  joinRoom: createRoute({
    method: "post",
    path: "/rooms/{id}/join",
    tags,
    summary: "Join a public room, or a private room that the caller left; idempotent",
    security: bearer,
    request: { params: inRoom },
    responses: {
      200: answer("the room", roomSchema),
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "unknown_room",
        "forbidden",
        "banned",
        "overloaded",
      ),
    },
  }),
  leaveRoom: createRoute({
    method: "post",
    path: "/rooms/{id}/leave",
    tags,
    summary: "Leave the room; idempotent",
    security: bearer,
    request: { params: inRoom, query: leaveRoomQuery },
    responses: {
      204: { description: "no longer a member" },
      default: refusals(
        "bad_request",
        "bad_token",
        "session_revoked",
        "unknown_room",
        "last_owner",
        "last_member",
        "forbidden",
        "overloaded",
      ),
    },
  }),
};

const ROOMS_PER_PAGE = 50;

export function route(app: ApiApp, context: ApiContext): void {
  routeRooms(app, context);
  routeOwnMembership(app, context);
}

function routeRooms(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.createRoom, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.room(user);
    const { id: creationId, name, visibility, topic = "" } = c.req.valid("json");
    const record = await store.rooms.create({ name, visibility, topic, createdBy: user.id, creationId });
    if (!record.isNew) return c.json(await toRoom(context, await membership.find(record.id, user), user.id), 200);
    await numberRoom(context, record.id);
    return c.json(await toRoom(context, { ...record, role: "owner" }, user.id), 201);
  });

  app.openapi({ ...contract.listRooms, middleware: signedIn }, async (c) => {
    const { joined, query, name, cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const found = await store.rooms.list(user.id, {
        joined: joined === undefined ? undefined : joined === "true",
        query: query === "" ? undefined : query,
        name: name === "" ? undefined : name,
        cursor: cursor === "" ? undefined : cursor,
        limit: ROOMS_PER_PAGE,
      });
      return { rooms: await toRooms(context, found.rooms, user.id), cursor: found.cursor };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.getRoom, middleware: signedIn }, async (c) => {
    const record = await membership.find(c.req.valid("param").id, c.var.caller.user);
    return c.json(await toRoom(context, record, c.var.caller.user.id), 200);
  });
}

function routeOwnMembership(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.joinRoom, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.membership(user);
    // Members and users that left find a private room. An admin adds all others.
    const record = await membership.findToJoin(c.req.valid("param").id, user);
    limits.membershipOf(record.id);
    await membership.add(record.id, user, user);
    const role = (await membership.roleOf(record.id, user)) ?? "member";
    return c.json(await toRoom(context, { ...record, role }, user.id), 200);
  });

  app.openapi({ ...contract.leaveRoom, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    // As for joining: a private room exists for its members, and for users that left it, whose answer may have been lost.
    if (!(await store.members.hasLeft(id, user.id))) await membership.find(id, user);
    limits.membershipOf(id);
    await membership.leave(id, user, c.req.valid("query").close === "true");
    return c.body(null, 204);
  });
}

async function toRoom(context: ApiContext, record: RoomRecord & Pick<Room, "role">, user: UserId): Promise<Room> {
  const [room] = await toRooms(context, [record], user);
  if (room === undefined) throw new Error("a record makes a room");
  return room;
}
