import type { Timeline } from "@hubbub/broker";
import { peekEventHead, type RoomId } from "@hubbub/protocol";
import { LRUCache } from "lru-cache";
import { createLimit } from "../limit.ts";

const PAGE_EVENTS = 200;
/** Concurrent reads for catch-ups, and queued ones. A further one is refused as overloaded. */
const READS_AT_ONCE = 16;
const READS_WAITING_MAX = 4_096;
/** Pages are cached for a moment, so that ten thousand connections that resume one room share a few reads. */
const CACHE_MAX_BYTES = 16_777_216;
const CACHE_TTL_MS = 1_000;

/** An event, or (frame null) a hole that ends with `seq`. `epoch`: the event's; a hole's: of what follows it, if known. */
export interface Entry {
  readonly seq: number;
  readonly frame: Buffer | null;
  readonly epoch: number | undefined;
}

interface Page {
  readonly entries: readonly Entry[];
  /** The entries cover everything up to here. */
  readonly end: number;
}

/**
 * Reads the missed events of rooms by pages. Reads begin at multiples of the page size, whatever seq is requested, so that
 * connections share them: while they run, and for a moment after.
 */
export class Pages {
  readonly #timeline: Timeline;
  readonly #limit = createLimit(READS_AT_ONCE, READS_WAITING_MAX, "too many rooms are caught up at once");
  /** By room and page number. Holds running reads too, which `#limit` bounds. */
  readonly #pages = new LRUCache<string, Page, { room: RoomId; after: number; head: number }>({
    maxSize: CACHE_MAX_BYTES,
    ttl: CACHE_TTL_MS,
    sizeCalculation: ({ entries }) => entries.reduce((bytes, { frame }) => bytes + (frame?.length ?? 64), 1),
    fetchMethod: (_key, _stale, { context: { room, after, head } }) => this.#limit(() => this.#load(room, after, head)),
    // A read that is evicted while it runs still completes for its callers.
    ignoreFetchAbort: true,
    noDeleteOnFetchRejection: true,
  });

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /**
   * What follows `after`, up to `head`: at least one entry while `after < head`.
   * @throws ProtocolError overloaded
   */
  async read(room: RoomId, after: number, head: number): Promise<readonly Entry[]> {
    const context = { room, after: after - (after % PAGE_EVENTS), head };
    const key = `${room} ${context.after}`;
    let page = await this.#pages.fetch(key, { context });
    // A page that was read when the room was shorter may end earlier.
    while (page === undefined || page.end <= after)
      page = await this.#pages.fetch(key, { context, forceRefresh: true });
    return page.entries.filter(({ seq }) => seq > after);
  }

  /** What follows `after`, read anew and at once: for a room that waits for it. */
  async readNow(room: RoomId, after: number, head: number): Promise<readonly Entry[]> {
    return (await this.#load(room, after, head)).entries;
  }

  async #load(room: RoomId, after: number, head: number): Promise<Page> {
    const { events, holes, to } = await this.#timeline.after(room, after, head, PAGE_EVENTS);
    const ends = new Map(holes.map((hole) => [hole.to + 1, hole]));
    const entries: Entry[] = [];
    for (const { seq, frame } of events) {
      const { epoch } = peekEventHead(frame);
      if (ends.has(seq)) entries.push({ seq: seq - 1, frame: null, epoch });
      entries.push({ seq, frame, epoch });
    }
    if (ends.has(to + 1)) entries.push({ seq: to, frame: null, epoch: undefined });
    return { entries, end: to };
  }
}
