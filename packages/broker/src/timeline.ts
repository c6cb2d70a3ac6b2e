import { type EventBody, encodeEventBody, encodeEventHead, type RoomEvent, type RoomId } from "@hubbub/protocol";
import type { RoomLog, TailEvent } from "./roles/room-log.ts";

/**
 * The events of a room as one sequence, whether they are in the tail or rows of the store.
 *
 * The tail is read first, the rows second. An event leaves the tail only after it is committed, so an event that the tail
 * lacks is in the rows by then. An event that both lack does not exist.
 */
export interface Timeline {
  /** The first `limit` events with seq in (since, head]. `holes`: exactly the seqs of (since, to] without an event. */
  after(room: RoomId, since: number, head: number, limit: number): Promise<Page>;
}

export interface Page {
  readonly events: readonly TailEvent[];
  /** Both ends included. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  /** The end of the page; `head` if it is the last page. */
  readonly to: number;
}

/** `Events.page` of the store. */
export type Rows = (
  room: RoomId,
  range: { after: number; limit: number } | { before: number; limit: number },
) => Promise<readonly RoomEvent[]>;

export function createTimeline(log: Pick<RoomLog, "tail">, rows: Rows): Timeline {
  return {
    async after(room, since, head, limit) {
      if (since >= head) return { events: [], holes: [], to: head };
      const recent = upTo(head, await log.tail(room, since, limit));
      const wanted = Math.min(limit, head - since);
      const isWhole = recent.length === wanted && recent[0]?.seq === since + 1 && recent.at(-1)?.seq === since + wanted;
      const stored = isWhole ? [] : upTo(head, (await rows(room, { after: since, limit })).map(toTailEvent));
      const events = merge(recent, stored).slice(0, limit);
      const to = events.length < limit ? head : (events.at(-1)?.seq ?? head);
      return { events, holes: holesIn(events, since, to), to };
    },
  };
}

export function upTo(head: number, events: readonly TailEvent[]): readonly TailEvent[] {
  return events.filter(({ seq }) => seq <= head);
}

/** Ascending, each seq once. The frame of the tail wins, because the room has received it. */
export function merge(recent: readonly TailEvent[], stored: readonly TailEvent[]): readonly TailEvent[] {
  const bySeq = new Map(stored.map((event) => [event.seq, event]));
  for (const event of recent) bySeq.set(event.seq, event);
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

function holesIn(events: readonly TailEvent[], since: number, to: number): Page["holes"] {
  const holes: { from: number; to: number }[] = [];
  let next = since + 1;
  for (const { seq } of events) {
    if (seq > next) holes.push({ from: next, to: seq - 1 });
    next = seq + 1;
  }
  if (next <= to) holes.push({ from: next, to });
  return holes;
}

export function toTailEvent({ type: _type, room, epoch, seq, at, ...body }: RoomEvent): TailEvent {
  const frame = encodeEventHead(room, epoch, seq, at) + encodeEventBody(body as EventBody);
  return { seq, frame: Buffer.from(frame) };
}
