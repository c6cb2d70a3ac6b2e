import { createRoute } from "@hono/zod-openapi";
import { addMemberBody, listMembersQuery, member, memberPage, setRoleBody } from "@hubbub/protocol/http";
import { answer, bearer, inRoom, json, memberInRoom, refusals } from "./shapes.ts";

const memberSchema = member.meta({ id: "Member" });
const tags = ["rooms"];

export const listMembers = createRoute({
  method: "get",
  path: "/rooms/{id}/members",
  tags,
  summary: "Who is in the room, and who of them is online",
  security: bearer,
  request: { params: inRoom, query: listMembersQuery },
  responses: {
    200: answer("one page; `cursor` is missing on the last", memberPage.extend({ members: memberSchema.array() })),
    default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "not_member"),
  },
});

export const addMember = createRoute({
  method: "post",
  path: "/rooms/{id}/members",
  tags,
  summary: "Bring somebody into the room: for its owner, and the only way into a private one",
  security: bearer,
  request: { params: inRoom, body: json(addMemberBody) },
  responses: {
    200: answer("was a member before", memberSchema),
    201: answer("is a member now", memberSchema),
    default: refusals(
      "bad_request",
      "bad_token",
      "session_revoked",
      "unknown_room",
      "not_member",
      "forbidden",
      "unknown_user",
      "has_left",
      "overloaded",
    ),
  },
});

export const setRole = createRoute({
  method: "put",
  path: "/rooms/{id}/members/{user}",
  tags,
  summary: "Make a member an owner, or an owner a member: for owners, who hand a room over this way",
  security: bearer,
  request: { params: memberInRoom, body: json(setRoleBody) },
  responses: {
    204: { description: "has this role now" },
    default: refusals(
      "bad_request",
      "bad_token",
      "session_revoked",
      "unknown_room",
      "not_member",
      "forbidden",
      "unknown_user",
      "last_owner",
    ),
  },
});

export const removeMember = createRoute({
  method: "delete",
  path: "/rooms/{id}/members/{user}",
  tags,
  summary: "Remove a member, who cannot join again until an owner brings them back: for owners",
  security: bearer,
  request: { params: memberInRoom },
  responses: {
    204: { description: "not a member any more" },
    default: refusals(
      "bad_request",
      "bad_token",
      "session_revoked",
      "unknown_room",
      "not_member",
      "forbidden",
      "overloaded",
    ),
  },
});
