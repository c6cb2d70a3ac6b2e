import { createRoute } from "@hono/zod-openapi";
import { tellUser } from "@hubbub/chat";
import { preferenceBody, preferences, readBody, roomState, statePage, stateQuery } from "@hubbub/protocol/http-unread";
import type { ApiApp, ApiContext } from "../context.ts";
import { toStatus } from "./presence.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, refusals } from "./shapes.ts";

const tags = ["unread"];

export const contract = {
  state: createRoute({
    method: "get",
    path: "/me/state",
    tags,
    summary: "The joined rooms with heads, read marks and counts of unread messages: for a client that comes back",
    security: bearer,
    request: { query: stateQuery },
    responses: {
      200: answer(
        "at most 500 rooms; `cursor` is missing on the last page",
        statePage.extend({ rooms: roomState.meta({ id: "RoomState" }).array() }),
      ),
      default: refusals("bad_request", "bad_token", "session_revoked"),
    },
  }),
  read: createRoute({
    method: "put",
    path: "/rooms/{id}/read",
    tags,
    summary: "Move the read mark of the caller forwards. It is stored within two seconds",
    security: bearer,
    request: { params: inRoom, body: json(readBody) },
    responses: { 204: { description: "taken" }, default: refusals(...inRoomRefusals, "overloaded") },
  }),
  prefer: createRoute({
    method: "patch",
    path: "/rooms/{id}/me",
    tags,
    summary: "Choose the notification level of a room, and star it",
    security: bearer,
    request: { params: inRoom, body: json(preferenceBody) },
    responses: { 200: answer("what holds now", preferences), default: refusals(...inRoomRefusals) },
  }),
};

/** A row may be stored a little later than its time says, and the clocks of log and database differ. */
const OVERLAP_MS = 10_000;
/** Of one room in an answer, about. */
const ROOM_BYTES = 400;

export function route(app: ApiApp, context: ApiContext): void {
  const { store, broker, limits, pageTurns, membership, readMarks, userStates, signedIn } = context;

  app.openapi({ ...contract.state, middleware: signedIn }, async (c) => {
    const { since, cursor: after } = c.req.valid("query");
    const { id: user } = c.var.caller.user;
    const page = await pageTurns.read({ user, address: c.env.address }, async () => {
      const from = since === undefined ? undefined : Math.max(0, since - OVERLAP_MS);
      const { rooms, joined, at, cursor, ...own } = await userStates.read({ user, since: from, after });
      const { drafts, invitations, reports } = own;
      const next = cursor === undefined ? {} : { cursor };
      const lists = { drafts: [...drafts], invitations: [...invitations], reports: [...reports] };
      const personal = after === undefined ? { ...lists, status: toStatus(own.status) } : {};
      const bytes = (rooms.length + invitations.length + reports.length) * ROOM_BYTES;
      const draftBytes = drafts.reduce((sum, { text }) => sum + text.length, 0);
      return { rooms, ...personal, joined, at, ...next, bytes: bytes + draftBytes };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.read, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.post(user, "");
    await membership.require(room, user);
    readMarks.read({ room, user: user.id, seq: c.req.valid("json").seq });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.prefer, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    const { user } = c.var.caller;
    const { level, starred: wished } = c.req.valid("json");
    limits.post(user, "");
    await membership.require(room, user);
    const wish = {
      ...(level === undefined ? {} : { level }),
      ...(wished === undefined ? {} : { isStarred: wished }),
    };
    const { isStarred: starred, ...chosen } = await store.unread.prefer(user.id, room, wish);
    await tellUser(broker, user.id, { kind: "room", room, level: chosen.level, starred });
    return c.json({ level: chosen.level, starred }, 200);
  });
}
