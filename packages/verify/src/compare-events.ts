import { type RoomEvent, type RoomId, targetOf } from "@hubbub/protocol";
import type { Audit } from "./audit.ts";
import type { Look } from "./findings.ts";
import { differenceOf } from "./same-event.ts";

/** Rows among which one question looks for events under later numbers. */
const SEARCHED_ROWS = 5_000;

/** Compares events of Redis with the rows at their seqs. Answers those that have none. */
export async function compareWithRows(
  audit: Audit,
  room: RoomId,
  events: readonly RoomEvent[],
  look: Look,
): Promise<RoomEvent[]> {
  if (events.length === 0) return [];
  const rows = await audit.eventsAt(
    room,
    events.map(({ seq }) => seq),
  );
  const moved = await movedSeqs(audit, room, events);
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return events.filter((event) => {
    const row = bySeq.get(event.seq);
    const difference = row === undefined ? null : differenceOf(withPresentSeqs(event, row, moved), row);
    if (row !== undefined && difference !== null) {
      const example = `room ${room}: ${event.seq} is ${event.id} in Redis and ${row.id} in Postgres (${difference} differs)`;
      look.fault("differs", `${room}/${event.seq}`, example);
    }
    return row === undefined;
  });
}

async function movedSeqs(
  audit: Audit,
  room: RoomId,
  events: readonly RoomEvent[],
): Promise<ReadonlyMap<number, number>> {
  const named = events.flatMap((event) => [targetOf(event) ?? [], repliedTo(event) ?? []].flat());
  return named.length === 0 ? new Map() : await audit.moved(room, named);
}

/**
 * The log keeps the seqs that the event was sent with; the row has those that the messages have now. A reply far away from
 * its message keeps the seq that it names.
 */
function withPresentSeqs(event: RoomEvent, row: RoomEvent, moved: ReadonlyMap<number, number>): RoomEvent {
  const [target, replyTo] = [moved.get(targetOf(event) ?? 0), moved.get(repliedTo(event) ?? 0)];
  return {
    ...event,
    ...(target === undefined ? {} : { [event.kind === "message" ? "thread" : "target"]: target }),
    ...(replyTo === undefined || replyTo !== repliedTo(row) ? {} : { replyTo }),
  };
}

function repliedTo(event: RoomEvent): number | undefined {
  return event.kind === "message" ? event.replyTo : undefined;
}

/** Those that are stored nowhere after their own seqs. */
export async function withoutLaterRow(
  audit: Audit,
  room: RoomId,
  events: readonly RoomEvent[],
): Promise<readonly RoomEvent[]> {
  const left = new Map(events.map((event) => [keyOf(event.by.id, event.id), event]));
  let after = events.reduce((least, { seq }) => Math.min(least, seq), Number.POSITIVE_INFINITY);
  while (left.size > 0) {
    const asked = [...left.values()].map(({ by, id }) => ({ user: by.id, id }));
    const { last, events: found } = await audit.find(room, after, SEARCHED_ROWS, asked);
    for (const { user, id } of found) left.delete(keyOf(user, id));
    if (last === null) break;
    after = last;
  }
  return [...left.values()];
}

function keyOf(user: string, id: string): string {
  return `${user}:${id}`;
}
