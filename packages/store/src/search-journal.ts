import type { EventKind, RoomEvent, RoomId } from "@hubbub/protocol";
import { toColumns } from "./event-row.ts";

/** Events that the index of search depends on. */
const JOURNALED_KINDS = new Set<EventKind>(["message", "edit", "delete", "pin"]);
export const JOURNALED_KINDS_SQL = [...JOURNALED_KINDS].map((kind) => `'${kind}'`).join(", ");

/**
 * A part of every statement that inserts such events: what is inserted is journaled in the same transaction. The arrays are
 * parameters, because a trigger, or `returning`, would cost a tenth of the whole statement. They also name events that are
 * rows already: indexing them again changes nothing.
 */
export const JOURNALED = `journaled as (
      insert into hubbub.search_journal (rooms, lows, highs, events)
      select $16::uuid[], $17::bigint[], $18::bigint[], $19::int from held where $19::int > 0
    )`;

/** Parameters of a batch, from $5 on: the columns of its events, and its row of the journal. */
export function toParameters(events: readonly RoomEvent[]): unknown[] {
  const ranges = new Map<RoomId, { low: number; high: number }>();
  let journaled = 0;
  for (const { room, seq, kind } of events) {
    if (!JOURNALED_KINDS.has(kind)) continue;
    journaled += 1;
    const range = ranges.get(room);
    if (range === undefined) ranges.set(room, { low: seq, high: seq });
    else if (seq > range.high) range.high = seq;
    else if (seq < range.low) range.low = seq;
  }
  const all = [...ranges.values()];
  return [...toColumns(events), [...ranges.keys()], all.map(({ low }) => low), all.map(({ high }) => high), journaled];
}
