import { createRoute } from "@hono/zod-openapi";
import { addMemberBody, listMembersQuery, member, memberPage } from "@hubbub/protocol/http";
import { answer, bearer, inRoom, json, refusals } from "./shapes.ts";

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
      "overloaded",
    ),
  },
});
