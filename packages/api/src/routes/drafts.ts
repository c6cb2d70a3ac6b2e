import { createRoute, z } from "@hono/zod-openapi";
import { tellUser } from "@hubbub/chat";
import type { RoomId, UserId } from "@hubbub/protocol";
import { roomId } from "@hubbub/protocol/codec";
import { draft, draftBody, draftQuery } from "@hubbub/protocol/http-unread";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "./shapes.ts";

const tags = ["unread"];
const inDraft = z.object({ room: roomId });
const REFUSED = ["bad_request", "bad_token", "session_revoked", "unknown_room", "not_member"] as const;

export const contract = {
  setDraft: createRoute({
    method: "put",
    path: "/me/drafts/{room}",
    tags,
    summary: "Keep what the caller has typed into the box of a room; the later text wins",
    security: bearer,
    request: { params: inDraft, body: json(draftBody) },
    responses: {
      200: answer("the draft that holds now: a later one stays", draft.meta({ id: "Draft" })),
      default: refusals(...REFUSED),
    },
  }),
  removeDraft: createRoute({
    method: "delete",
    path: "/me/drafts/{room}",
    tags,
    summary: "Remove a draft that is not later than `at`",
    security: bearer,
    request: { params: inDraft, query: draftQuery },
    responses: { 204: { description: "it is gone, unless there is a later one" }, default: refusals(...REFUSED) },
  }),
};

export function route(app: ApiApp, { store, broker, limits, membership, signedIn }: ApiContext): void {
  /** Tells the other connections of the user, unless a later text was there. */
  const set = async (user: UserId, room: RoomId, wish: { text: string; at: number }) => {
    const { taken, text, at } = await store.unread.setDraft(user, room, wish);
    if (taken) await tellUser(broker, user, { kind: "draft", room, text, at });
    return { text, at };
  };

  app.openapi({ ...contract.setDraft, middleware: signedIn }, async (c) => {
    const { room } = c.req.valid("param");
    const { user } = c.var.caller;
    const wish = c.req.valid("json");
    limits.post(user, wish.text);
    await membership.require(room, user);
    return c.json(await set(user.id, room, wish), 200);
  });

  app.openapi({ ...contract.removeDraft, middleware: signedIn }, async (c) => {
    const { room } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.post(user, "");
    await membership.require(room, user);
    await set(user.id, room, { text: "", at: c.req.valid("query").at });
    return c.body(null, 204);
  });
}
