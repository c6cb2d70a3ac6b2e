import type { TailEvent } from "@hubbub/broker";

/** Bytes of the event frames in one history page. A page holds at least one event, whatever its size. */
export const HISTORY_PAGE_MAX_BYTES = 256 * 1_024;
/** Events of the first fetch. Their size decides the number of events of the next fetches. */
const FIRST_FETCH = 10;
/** Bytes of one fetch. Fetches are short, so that the writes of an embedded database do not wait for a whole page. */
const PIECE_BYTES = 64 * 1_024;

interface HistoryRead {
  /** In the order of reading. */
  readonly events: readonly TailEvent[];
  readonly bytes: number;
  /** Seq of the last event read, for the next page; undefined when there is nothing after it. */
  readonly cursor: number | undefined;
}

/**
 * Reads up to `limit` events and `HISTORY_PAGE_MAX_BYTES` bytes. `fetch` answers the events next to `from` in the order
 * of reading (undefined: from the start), and fewer than `count` only at the end.
 */
export async function readHistory(
  fetch: (from: number | undefined, count: number) => Promise<readonly TailEvent[]>,
  limit: number,
): Promise<HistoryRead> {
  const events: TailEvent[] = [];
  let bytes = 0;
  let last: number | undefined;
  while (events.length < limit) {
    const count = Math.min(pieceAfter(events.length, bytes), limit - events.length);
    const fetched = await fetch(last, count);
    for (const event of fetched) {
      if (events.length > 0 && bytes + event.frame.length > HISTORY_PAGE_MAX_BYTES) {
        return { events, bytes, cursor: last };
      }
      events.push(event);
      bytes += event.frame.length;
      last = event.seq;
    }
    if (fetched.length < count) return { events, bytes, cursor: undefined };
  }
  return { events, bytes, cursor: last };
}

function pieceAfter(events: number, bytes: number): number {
  if (events === 0) return FIRST_FETCH;
  const size = bytes / events;
  return Math.max(1, Math.floor(Math.min(PIECE_BYTES, HISTORY_PAGE_MAX_BYTES - bytes) / size));
}

const COMMA = Buffer.from(",");

/** The JSON of a history page. Frames are JSON already and pass through as bytes. */
export function encodeHistory(events: readonly TailEvent[], rest: object): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from('{"messages":[')];
  for (const { frame } of events) {
    if (parts.length > 1) parts.push(COMMA);
    parts.push(frame);
  }
  parts.push(Buffer.from(`],${JSON.stringify(rest).slice(1)}`));
  return Buffer.concat(parts);
}
