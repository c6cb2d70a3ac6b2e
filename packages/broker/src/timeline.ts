import { type EventBody, encodeEventBody, encodeEventHead, type RoomEvent, type RoomId } from "@hubbub/protocol";
import type { RoomHead, RoomLog, TailEvent } from "./roles/room-log.ts";

/**
 * The events of a room as one sequence, whether they are in the tail or rows of the store.
 *
 * The tail is read first, the rows second. An event leaves the tail only after it is committed, so an event that the tail
 * lacks is in the rows by then. An event that both lack does not exist.
 */
export interface Timeline {
  /** The first `limit` events with seq in (since, head]. `holes`: exactly the seqs of (since, to] without an event. */
  after(room: RoomId, since: number, head: number, limit: number): Promise<Page>;
  /** The last `limit` events with seq < `before` (undefined: the newest). `head`: null for a room without an epoch. */
  before(
    room: RoomId,
    before: number | undefined,
    limit: number,
  ): Promise<{ events: readonly TailEvent[]; head: RoomHead | null }>;
}

export interface Page {
  readonly events: readonly TailEvent[];
  /** Both ends included. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  /** The end of the page; `head` if it is the last page. */
  readonly to: number;
}

type Log = Pick<RoomLog, "tail" | "heads">;

/** `Events.page` of the store. */
type Rows = (
  room: RoomId,
  range: { after: number; limit: number } | { before: number; limit: number },
) => Promise<readonly RoomEvent[]>;

interface TimelineSources {
  readonly log: Log;
  readonly rows: Rows;
}

/** Upper bound of tail pages that one search for the newest events reads: more than any backlog fills. */
const TAIL_PAGES_MAX = 1_000;
const TAIL_PAGE = 500;

export function createTimeline(log: Log, rows: Rows): Timeline {
  const sources = { log, rows };
  return {
    after: (room, since, head, limit) => pageAfter(sources, room, { since, head, limit }),
    before: (room, before, limit) => pageBefore(sources, room, before, limit),
  };
}

async function pageAfter(
  { log, rows }: TimelineSources,
  room: RoomId,
  { since, head, limit }: { since: number; head: number; limit: number },
): Promise<Page> {
  if (since >= head) return { events: [], holes: [], to: head };
  const recent = upTo(head, await log.tail(room, since, limit));
  const wanted = Math.min(limit, head - since);
  const isWhole = recent.length === wanted && recent[0]?.seq === since + 1 && recent.at(-1)?.seq === since + wanted;
  const stored = isWhole ? [] : upTo(head, (await rows(room, { after: since, limit })).map(toTailEvent));
  const events = merge(recent, stored).slice(0, limit);
  const to = events.length < limit ? head : (events.at(-1)?.seq ?? head);
  return { events, holes: holesIn(events, since, to), to };
}

async function pageBefore(
  sources: TimelineSources,
  room: RoomId,
  before: number | undefined,
  limit: number,
): Promise<{ events: readonly TailEvent[]; head: RoomHead | null }> {
  const [head = null] = await sources.log.heads([room]);
  const end = before === undefined ? Number.MAX_SAFE_INTEGER : before - 1;
  let from = Math.max(Math.min(end, head?.seq ?? 0) - limit, 0);
  for (;;) {
    const recent = head === null ? [] : await newestOfTail(sources, room, { after: from, to: end, limit });
    const stored = (await sources.rows(room, { before: Math.min(end + 1, Number.MAX_SAFE_INTEGER), limit })).map(
      toTailEvent,
    );
    const events = merge(recent, stored).slice(-limit);
    const committed = stored.at(-1)?.seq ?? 0;
    // Events between the newest row and the window may be in the tail only, because an epoch can jump that far.
    if (recent.length >= limit || committed >= from) return { events, head };
    from = committed;
  }
}

async function newestOfTail(
  { log }: TimelineSources,
  room: RoomId,
  { after, to, limit }: { after: number; to: number; limit: number },
): Promise<readonly TailEvent[]> {
  let newest: readonly TailEvent[] = [];
  let from = after;
  for (let page = 0; page < TAIL_PAGES_MAX; page += 1) {
    const events = await log.tail(room, from, TAIL_PAGE);
    newest = [...newest, ...upTo(to, events)].slice(-limit);
    const last = events.at(-1)?.seq ?? to;
    if (events.length < TAIL_PAGE || last >= to) break;
    from = last;
  }
  return newest;
}

function upTo(head: number, events: readonly TailEvent[]): readonly TailEvent[] {
  return events.filter(({ seq }) => seq <= head);
}

/** Ascending, each seq once. The frame of the tail wins, because the room has received it. */
function merge(recent: readonly TailEvent[], stored: readonly TailEvent[]): readonly TailEvent[] {
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

function toTailEvent({ type: _type, room, epoch, seq, at, ...body }: RoomEvent): TailEvent {
  const frame = encodeEventHead(room, epoch, seq, at) + encodeEventBody(body as EventBody);
  return { seq, frame: Buffer.from(frame) };
}
