import { createRoute } from "@hono/zod-openapi";
import { event } from "@hubbub/protocol/codec";
import { historyPage, historyQuery, postedMessage, postMessageBody } from "@hubbub/protocol/http";
import { answer, bearer, inRoom, json, refusals } from "./shapes.ts";

const eventSchema = event.meta({ id: "Event" });
const postedSchema = postedMessage.meta({ id: "PostedMessage" });
const tags = ["messages"];

export const history = createRoute({
  method: "get",
  path: "/rooms/{id}/messages",
  tags,
  summary: "Events by rising seq, of every kind, committed or not: the newest page unless told otherwise",
  security: bearer,
  request: { params: inRoom, query: historyQuery },
  responses: {
    200: answer("one page and the room's newest seq", historyPage.extend({ messages: eventSchema.array() })),
    default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "not_member"),
  },
});

export const postMessage = createRoute({
  method: "post",
  path: "/rooms/{id}/messages",
  tags,
  summary: "Say something; the same `id` again within ten minutes answers the same seq",
  security: bearer,
  request: { params: inRoom, body: json(postMessageBody) },
  responses: {
    200: answer("was accepted before", postedSchema),
    201: answer("accepted", postedSchema),
    default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "not_member", "overloaded"),
  },
});
