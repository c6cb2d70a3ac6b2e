import { createRoute } from "@hono/zod-openapi";
import { createRoomBody, leaveRoomQuery, listRoomsQuery, room, roomPage } from "@hubbub/protocol/http";
import { answer, bearer, inRoom, json, refusals } from "./shapes.ts";

const roomSchema = room.meta({ id: "Room" });
const tags = ["rooms"];

export const createRoom = createRoute({
  method: "post",
  path: "/rooms",
  tags,
  summary: "Open a room",
  security: bearer,
  request: { body: json(createRoomBody) },
  responses: {
    200: answer("the room that the same `id` opened before", roomSchema),
    201: answer("the room, owned by the caller", roomSchema),
    default: refusals("bad_request", "bad_token", "session_revoked", "room_name_taken"),
  },
});

export const listRooms = createRoute({
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
});

export const getRoom = createRoute({
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
});

export const joinRoom = createRoute({
  method: "post",
  path: "/rooms/{id}/join",
  tags,
  summary: "Become a member of a public room, or of a private one that the caller left; again is no fault",
  security: bearer,
  request: { params: inRoom },
  responses: {
    200: answer("the room", roomSchema),
    default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "forbidden", "overloaded"),
  },
});

export const leaveRoom = createRoute({
  method: "post",
  path: "/rooms/{id}/leave",
  tags,
  summary: "Stop being a member; again is no fault",
  security: bearer,
  request: { params: inRoom, query: leaveRoomQuery },
  responses: {
    204: { description: "not a member any more" },
    default: refusals(
      "bad_request",
      "bad_token",
      "session_revoked",
      "unknown_room",
      "last_owner",
      "last_member",
      "overloaded",
    ),
  },
});
