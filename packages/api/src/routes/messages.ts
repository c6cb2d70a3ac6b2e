import { type Broker, createTimeline, type TailEvent, type Timeline } from "@hubbub/broker";
import { encodeEventBody, type HistoryPage, type RoomEvent } from "@hubbub/protocol";
import * as contract from "../contract/messages.ts";
import { NO_LOG } from "../log-or-store.ts";
import type { ApiApp, Parts } from "../parts.ts";
import { headsOf } from "../room-heads.ts";

export function routeMessages(app: ApiApp, parts: Parts): void {
  const { acceptor, broker, timeline, store, logOrStore, limits, membership, signedIn } = parts;
  const committed = createTimeline(NO_LOG, store.events.page);

  app.openapi({ ...contract.history, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { before, after, limit } = c.req.valid("query");
    await membership.require(id, c.var.caller.user);
    // Head and events of the same source: a page is whole, or it is marked.
    const read = async (log: Pick<Broker, "heads">, { before: newestOf, after: eventsAfter }: Timeline) => {
      const [head = NOWHERE] = await headsOf({ store, log }, [id]);
      const { events } = await (after === undefined
        ? newestOf(id, before, limit)
        : eventsAfter(id, after, head.seq, limit));
      return { messages: events.map(toEvent), head: newest(head.seq, events), epoch: head.epoch };
    };
    const page = await logOrStore.ask<HistoryPage>(
      () => read(broker, timeline),
      async () => ({ ...(await read(NO_LOG, committed)), partial: true }),
    );
    return c.json(page, 200);
  });

  app.openapi({ ...contract.postMessage, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.post(user.id);
    const { id: room } = c.req.valid("param");
    await membership.require(room, user);
    const { id, text } = c.req.valid("json");
    const body = encodeEventBody({ by: user, kind: "message", id, text });
    const { state, seq, epoch, at } = await acceptor.accept({ room, user: user.id, id, body });
    if (state === "duplicate") return c.json({ seq, epoch, at, duplicate: true as const }, 200);
    return c.json({ seq, epoch, at }, 201);
  });
}

const NOWHERE = { seq: 0, epoch: 0 };

/** Frames are our own: nobody checks them again. */
function toEvent({ frame }: TailEvent): RoomEvent {
  return JSON.parse(frame.toString()) as RoomEvent;
}

/** Something may have come between the two reads: a head never lies below what is on the page. */
function newest(head: number, events: readonly TailEvent[]): number {
  return Math.max(head, events.at(-1)?.seq ?? 0);
}
