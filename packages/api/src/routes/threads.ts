import { createRoute } from "@hono/zod-openapi";
import { allows, ProtocolError, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { event } from "@hubbub/protocol/codec";
import {
  followedThread,
  messageInRoom,
  messageList,
  revisionList,
  threadList,
  threadPage,
  threadPageQuery,
  threadQuery,
} from "@hubbub/protocol/http";
import { readBody } from "@hubbub/protocol/http-unread";
import type { ApiApp, ApiContext } from "../context.ts";
import { listWithStates } from "../message-states.ts";
import { headsOrStored } from "../room-heads.ts";
import { decodeThreadCursor, encodeThreadCursor, FIRST_THREADS } from "../thread-cursor.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, refusals } from "./shapes.ts";

const listSchema = messageList.extend({ messages: event.meta({ id: "Event" }).array() });
const threadListSchema = threadList.extend({ messages: listSchema.shape.messages });
const threadSchema = followedThread.meta({ id: "FollowedThread" });
const tags = ["messages"];

export const contract = {
  message: createRoute({
    method: "get",
    path: "/rooms/{id}/messages/{seq}",
    tags,
    summary: "One message with its state",
    security: bearer,
    request: { params: messageInRoom },
    responses: {
      200: answer("a list of one message", listSchema),
      default: refusals(...inRoomRefusals, "unknown_message"),
    },
  }),
  thread: createRoute({
    method: "get",
    path: "/rooms/{id}/threads/{seq}",
    tags,
    summary: "The messages of the thread that begins with this message, without it",
    security: bearer,
    request: { params: messageInRoom, query: threadQuery },
    responses: {
      200: answer("one page; give `cursor` as `after` to go on", threadListSchema),
      default: refusals(...inRoomRefusals),
    },
  }),
  follow: createRoute({
    method: "put",
    path: "/rooms/{id}/threads/{seq}/follow",
    tags,
    summary: "Follow a thread. Replying in it and being mentioned in it do so, too",
    security: bearer,
    request: { params: messageInRoom },
    responses: {
      204: { description: "followed" },
      default: refusals(...inRoomRefusals, "unknown_message"),
    },
  }),
  unfollow: createRoute({
    method: "delete",
    path: "/rooms/{id}/threads/{seq}/follow",
    tags,
    summary: "Unfollow a thread; replies and mentions do not follow it again",
    security: bearer,
    request: { params: messageInRoom },
    responses: {
      204: { description: "not followed" },
      default: refusals(...inRoomRefusals, "unknown_message"),
    },
  }),
  readThread: createRoute({
    method: "put",
    path: "/rooms/{id}/threads/{seq}/read",
    tags,
    summary: "Move the read mark of the caller in a followed thread forwards",
    security: bearer,
    request: { params: messageInRoom, body: json(readBody) },
    responses: { 204: { description: "stored" }, default: refusals(...inRoomRefusals) },
  }),
  followed: createRoute({
    method: "get",
    path: "/me/threads",
    tags,
    summary: "Followed threads with replies, the newest reply first",
    security: bearer,
    request: { query: threadPageQuery },
    responses: {
      200: answer("one page; `cursor` is missing on the last", threadPage.extend({ threads: threadSchema.array() })),
      default: refusals("bad_request", "bad_token", "session_revoked"),
    },
  }),
  pins: createRoute({
    method: "get",
    path: "/rooms/{id}/pins",
    tags,
    summary: "The pinned messages, at most 100",
    security: bearer,
    request: { params: inRoom },
    responses: { 200: answer("all of them", listSchema), default: refusals(...inRoomRefusals) },
  }),
  revisions: createRoute({
    method: "get",
    path: "/rooms/{id}/messages/{seq}/revisions",
    tags,
    summary: "The texts of an edited message: for its author and for moderators",
    security: bearer,
    request: { params: messageInRoom },
    responses: {
      200: answer("at most the 100 newest texts", revisionList),
      default: refusals(...inRoomRefusals, "unknown_message", "forbidden"),
    },
  }),
};

const PER_PAGE = 50;
const PINS_MAX = 100;
const REVISIONS_MAX = 100;

export function route(app: ApiApp, context: ApiContext): void {
  routeMessages(app, context);
  routeThreads(app, context);
  routeFollowing(app, context);
  routeRevisions(app, context);
}

function listOf({ store }: ApiContext, viewer: UserId, room: RoomId, messages: readonly RoomEvent[]) {
  return listWithStates({ states: store.events.states, viewer }, room, messages);
}

async function requireMessage({ history }: ApiContext, room: RoomId, seq: number): Promise<void> {
  const [found] = (await history.after(room, seq - 1, seq, 1)).events;
  const isMessage = found !== undefined && (JSON.parse(found.frame.toString()) as RoomEvent).kind === "message";
  if (!isMessage) throw new ProtocolError("unknown_message");
}

function routeMessages(app: ApiApp, context: ApiContext): void {
  const { store, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.message, middleware: signedIn }, async (c) => {
    const { id, seq } = c.req.valid("param");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const { from } = await membership.require(id, user);
      if (seq <= from) throw new ProtocolError("unknown_message");
      const [found] = await store.events.page(id, { after: seq - 1, limit: 1 });
      if (found?.seq !== seq || found.kind !== "message") throw new ProtocolError("unknown_message");
      return await listOf(context, user.id, id, [found]);
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.pins, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const { from } = await membership.require(id, user);
      const pins = await store.threads.pins(id, PINS_MAX);
      return await listOf(
        context,
        user.id,
        id,
        pins.filter((pin) => pin.seq > from),
      );
    });
    return c.json(page, 200);
  });
}

function routeThreads(app: ApiApp, context: ApiContext): void {
  const { store, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.thread, middleware: signedIn }, async (c) => {
    const { id, seq } = c.req.valid("param");
    const { after = 0 } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const { from } = await membership.require(id, user);
      const [replies, following] = await Promise.all([
        store.threads.replies(id, seq, { after: Math.max(after, from), limit: PER_PAGE + 1 }),
        store.threads.isFollowing(user.id, id, seq),
      ]);
      const shown = replies.slice(0, PER_PAGE);
      const last = replies.length > PER_PAGE ? shown.at(-1)?.seq : undefined;
      return {
        ...(await listOf(context, user.id, id, shown)),
        ...(last === undefined ? {} : { cursor: last }),
        ...(following === null ? {} : { following }),
      };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.followed, middleware: signedIn }, async (c) => {
    const { cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const before = cursor ? decodeThreadCursor(cursor) : FIRST_THREADS;
      const threads = await store.threads.followed(user.id, { before, limit: PER_PAGE + 1 });
      const shown = threads.slice(0, PER_PAGE);
      const last = threads.length > PER_PAGE ? shown.at(-1) : undefined;
      return { threads: shown, ...(last === undefined ? {} : { cursor: encodeThreadCursor(last) }) };
    });
    return c.json(page, 200);
  });
}

function routeFollowing(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;
  for (const [oneContract, isFollowing] of [[contract.follow, true] as const, [contract.unfollow, false] as const]) {
    app.openapi({ ...oneContract, middleware: signedIn }, async (c) => {
      const { id, seq } = c.req.valid("param");
      const { user } = c.var.caller;
      limits.post(user, "");
      const { from } = await membership.require(id, user);
      if (seq <= from) throw new ProtocolError("unknown_message");
      await requireMessage(context, id, seq);
      await store.threads.follow(user.id, id, seq, isFollowing);
      return c.body(null, 204);
    });
  }

  app.openapi({ ...contract.readThread, middleware: signedIn }, async (c) => {
    const { id, seq: root } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.post(user, "");
    await membership.require(id, user);
    // The log's head, not the stored one: a reply that was read may still be on its way into the store.
    const [head] = await headsOrStored(context, [id]);
    await store.threads.markRead(user.id, id, root, Math.min(c.req.valid("json").seq, head?.seq ?? 0));
    return c.body(null, 204);
  });
}

function routeRevisions(app: ApiApp, { store, pageTurns, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.revisions, middleware: signedIn }, async (c) => {
    const { id, seq } = c.req.valid("param");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const standing = await membership.require(id, user);
      const texts = await store.threads.revisions(id, seq, REVISIONS_MAX);
      const [newest] = texts;
      if (newest === undefined || seq <= standing.from) throw new ProtocolError("unknown_message");
      if (newest.by.id !== user.id && !allows(standing, "read-revisions")) throw new ProtocolError("forbidden");
      // Of a room that keeps none, and has texts from before it chose so.
      const shown = standing.settings?.keepRevisions === false ? texts.slice(-1) : texts;
      return {
        revisions: shown.flatMap(({ seq, at, ...event }) => ("text" in event ? [{ seq, at, text: event.text }] : [])),
      };
    });
    return c.json(page, 200);
  });
}
