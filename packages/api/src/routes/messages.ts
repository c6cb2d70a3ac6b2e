import { createRoute } from "@hono/zod-openapi";
import { createHistory, type History, type RoomLog, type TailEvent } from "@hubbub/broker";
import { admitMessage, encodeMessage } from "@hubbub/chat";
import type { HistoryPage, RoomId, UserId } from "@hubbub/protocol";
import { event } from "@hubbub/protocol/codec";
import { historyPage, historyQuery, postedMessage, postMessageBody } from "@hubbub/protocol/http";
import type { Store } from "@hubbub/store";
import type { TypedResponse } from "hono";
import type { ApiApp, ApiContext } from "../context.ts";
import { encodeHistory, readHistory } from "../history.ts";
import { NO_LOG } from "../log-or-store.ts";
import { withStates } from "../message-states.ts";
import { headsOf } from "../room-heads.ts";
import { answer, bearer, inRoom, json, refusals } from "./shapes.ts";

const eventSchema = event.meta({ id: "Event" });
const postedSchema = postedMessage.meta({ id: "PostedMessage" });
const tags = ["messages"];

export const contract = {
  history: createRoute({
    method: "get",
    path: "/rooms/{id}/messages",
    tags,
    summary: "Events of every kind by rising seq, committed or not: the newest page by default",
    security: bearer,
    request: { params: inRoom, query: historyQuery },
    responses: {
      200: answer("one page and the room's newest seq", historyPage.extend({ messages: eventSchema.array() })),
      default: refusals("bad_request", "bad_token", "session_revoked", "unknown_room", "not_member"),
    },
  }),
  postMessage: createRoute({
    method: "post",
    path: "/rooms/{id}/messages",
    tags,
    summary: "Publish a message; a repeated `id` within ten minutes returns the same seq",
    security: bearer,
    request: { params: inRoom, body: json(postMessageBody) },
    responses: {
      200: answer("was accepted before", postedSchema),
      201: answer("accepted", postedSchema),
      default: refusals(
        ...(["bad_request", "bad_token", "session_revoked", "unknown_room", "not_member", "overloaded"] as const),
        ...(["unknown_file", "unknown_message", "forbidden", "muted", "slow_mode", "room_archived"] as const),
      ),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { acceptor, broker, changes, history, store, logOrStore, limits, pageTurns, membership, signedIn } = context;
  const committed = createHistory(NO_LOG, store.events.page);

  app.openapi({ ...contract.history, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const query = c.req.valid("query");
    const { user } = c.var.caller;
    const { events, ...rest } = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const { from } = await membership.require(id, user);
      const range = { ...query, from, viewer: user.id };
      return await logOrStore.ask(
        () => readPage({ store, log: broker, history }, id, range),
        async () => ({ ...(await readPage({ store, log: NO_LOG, history: committed }, id, range)), partial: true }),
      );
    });
    const answer: Response = c.body(encodeHistory(events, rest), 200, { "content-type": "application/json" });
    return answer as Response & TypedResponse<HistoryPage, 200, "json">;
  });

  app.openapi({ ...contract.postMessage, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const message = c.req.valid("json");
    const { id } = message;
    limits.post(user, message.text);
    const { id: room } = c.req.valid("param");
    const key = { room, user: user.id, id };
    const standing = await changes.checkNamed(room, message, await membership.require(room, user));
    await admitMessage(broker.turns, standing, key, () => store.files.check(key, message.files ?? []));
    limits.event(room);
    const files = message.files && (await store.files.attach(key, message.files));
    const body = encodeMessage(user, message, standing, files);
    const { state, seq, epoch, at } = await acceptor.accept({ room, user: user.id, id, body });
    if (state === "duplicate") return c.json({ seq, epoch, at, duplicate: true as const }, 200);
    return c.json({ seq, epoch, at }, 201);
  });
}

const NOWHERE = { seq: 0, epoch: 0 };

interface Sources {
  readonly store: Store;
  readonly log: Pick<RoomLog, "heads">;
  readonly history: History;
}

interface Range {
  readonly viewer: UserId;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
  /** Events up to this seq are hidden from the member. */
  readonly from: number;
}

/** Head and events come from the same source: a page is complete, or marked as partial. */
async function readPage({ store, log, history }: Sources, room: RoomId, range: Range) {
  const { before, after, limit, from: hidden, viewer } = range;
  const [head = NOWHERE] = await headsOf({ store, log }, [room]);
  const upTo = before === undefined ? head.seq : Math.min(head.seq, before - 1);
  const forward = async (from: number | undefined, count: number) =>
    (await history.after(room, Math.max(from ?? after ?? 0, hidden), upTo, count)).events;
  const backward = async (from: number | undefined, count: number) =>
    (await history.before(room, from ?? before, count)).events.filter(({ seq }) => seq > hidden).toReversed();
  const { events: read, bytes, cursor } = await readHistory(after === undefined ? backward : forward, limit);
  const page = await withStates(
    { states: store.events.states, viewer },
    room,
    after === undefined ? read.toReversed() : read,
  );
  const { events } = page;
  return {
    ...page,
    // A short message may have been edited to a long one, and have reactions of many.
    bytes: bytes + Buffer.byteLength(JSON.stringify(page.states ?? [])),
    head: newest(head.seq, events),
    epoch: head.epoch,
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** An event may have arrived between the two reads: a head is never below the events of its page. */
function newest(head: number, events: readonly TailEvent[]): number {
  return Math.max(head, events.at(-1)?.seq ?? 0);
}
