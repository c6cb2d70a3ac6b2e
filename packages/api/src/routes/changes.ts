import { createRoute } from "@hono/zod-openapi";
import type { ChangeRequest } from "@hubbub/chat";
import type { EventId, PublicUser, RoomId } from "@hubbub/protocol";
import { changeQuery, editMessageBody, messageInRoom, postedMessage, reactionInMessage } from "@hubbub/protocol/http";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "./shapes.ts";

const postedSchema = postedMessage.meta({ id: "PostedMessage" });
const tags = ["messages"];
const responses = {
  200: answer("was accepted before", postedSchema),
  201: answer("accepted", postedSchema),
  default: refusals(
    ...(["bad_request", "bad_token", "session_revoked", "unknown_room", "not_member", "unknown_message"] as const),
    ...([
      "forbidden",
      "conflict",
      "edit_window_over",
      "too_many_reactions",
      "too_many_pins",
      "muted",
      "room_archived",
      "overloaded",
    ] as const),
  ),
};
const common = { tags, security: bearer, responses } as const;
const path = "/rooms/{id}/messages/{seq}" as const;
const ofMessage = { params: messageInRoom, query: changeQuery };
const ofReaction = { params: reactionInMessage, query: changeQuery };

export const contract = {
  edit: createRoute({
    ...common,
    method: "patch",
    path,
    summary: "Edit an own message; `baseSeq` is the event whose text was edited",
    request: { params: messageInRoom, body: json(editMessageBody) },
  }),
  delete: createRoute({
    ...common,
    method: "delete",
    path,
    summary: "Delete a message: its author, or an owner of the room",
    request: ofMessage,
  }),
  react: createRoute({
    ...common,
    method: "put",
    path: `${path}/reactions/{emoji}`,
    summary: "Add a reaction",
    request: ofReaction,
  }),
  unreact: createRoute({
    ...common,
    method: "delete",
    path: `${path}/reactions/{emoji}`,
    summary: "Take an own reaction back",
    request: ofReaction,
  }),
  pin: createRoute({ ...common, method: "put", path: `${path}/pin`, summary: "Pin a message", request: ofMessage }),
  unpin: createRoute({
    ...common,
    method: "delete",
    path: `${path}/pin`,
    summary: "Remove the pin of a message",
    request: ofMessage,
  }),
};

type Change = ChangeRequest["change"];

export function route(app: ApiApp, context: ApiContext): void {
  routeTexts(app, context);
  routeMarks(app, context);
}

async function accept(
  { acceptor, changes, limits, membership }: ApiContext,
  room: RoomId,
  by: PublicUser,
  id: EventId,
  change: Change,
) {
  limits.post(by, change.type === "edit" ? change.text : "");
  const standing = await membership.require(room, by);
  const checked = await changes.check({ room, by, standing, id, change });
  if ("body" in checked) limits.event(room);
  const { state, seq, epoch, at } =
    "body" in checked ? await acceptor.accept({ room, user: by.id, id, body: checked.body }) : checked.accepted;
  const numbers = { seq, epoch, at };
  return state === "duplicate"
    ? ({ status: 200, body: { ...numbers, duplicate: true as const } } as const)
    : ({ status: 201, body: numbers } as const);
}

function routeTexts(app: ApiApp, context: ApiContext): void {
  const { signedIn } = context;

  app.openapi({ ...contract.edit, middleware: signedIn }, async (c) => {
    const { id: room, seq: target } = c.req.valid("param");
    const { id, text, baseSeq } = c.req.valid("json");
    const { status, body } = await accept(context, room, c.var.caller.user, id, {
      type: "edit",
      target,
      text,
      baseSeq,
    });
    return c.json(body, status);
  });
  app.openapi({ ...contract.delete, middleware: signedIn }, async (c) => {
    const { id: room, seq: target } = c.req.valid("param");
    const { status, body } = await accept(context, room, c.var.caller.user, c.req.valid("query").id, {
      type: "delete",
      target,
    });
    return c.json(body, status);
  });
}

function routeMarks(app: ApiApp, context: ApiContext): void {
  const { signedIn } = context;

  app.openapi({ ...contract.react, middleware: signedIn }, async (c) => {
    const { id: room, seq: target, emoji } = c.req.valid("param");
    const change = { type: "react", target, emoji } as const;
    const { status, body } = await accept(context, room, c.var.caller.user, c.req.valid("query").id, change);
    return c.json(body, status);
  });
  app.openapi({ ...contract.unreact, middleware: signedIn }, async (c) => {
    const { id: room, seq: target, emoji } = c.req.valid("param");
    const change = { type: "react", target, emoji, remove: true } as const;
    const { status, body } = await accept(context, room, c.var.caller.user, c.req.valid("query").id, change);
    return c.json(body, status);
  });
  app.openapi({ ...contract.pin, middleware: signedIn }, async (c) => {
    const { id: room, seq: target } = c.req.valid("param");
    const { status, body } = await accept(context, room, c.var.caller.user, c.req.valid("query").id, {
      type: "pin",
      target,
    });
    return c.json(body, status);
  });
  app.openapi({ ...contract.unpin, middleware: signedIn }, async (c) => {
    const { id: room, seq: target } = c.req.valid("param");
    const change = { type: "pin", target, remove: true } as const;
    const { status, body } = await accept(context, room, c.var.caller.user, c.req.valid("query").id, change);
    return c.json(body, status);
  });
}
