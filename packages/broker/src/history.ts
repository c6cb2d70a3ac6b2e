import type { RoomId } from "@hubbub/protocol";
import type { RoomHead, RoomLog, TailEvent } from "./roles/room-log.ts";
import { createTimeline, merge, type Rows, type Timeline, toTailEvent, upTo } from "./timeline.ts";

/** A timeline that is also read backwards. */
export interface History extends Timeline {
  /** The last `limit` events with seq < `before` (undefined: the newest). `head`: null for a room without an epoch. */
  before(
    room: RoomId,
    before: number | undefined,
    limit: number,
  ): Promise<{ events: readonly TailEvent[]; head: RoomHead | null }>;
}

interface Sources {
  readonly log: Pick<RoomLog, "tail" | "heads">;
  readonly rows: Rows;
}

/** Upper bound of tail pages that one search for the newest events reads: more than any backlog fills. */
const TAIL_PAGES_MAX = 1_000;
const TAIL_PAGE = 500;

export function createHistory(log: Sources["log"], rows: Rows): History {
  const sources = { log, rows };
  return {
    ...createTimeline(log, rows),
    before: (room, before, limit) => pageBefore(sources, room, before, limit),
  };
}

async function pageBefore(
  sources: Sources,
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
  { log }: Sources,
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
