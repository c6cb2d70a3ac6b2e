import type { EventId, EventKind, RoomEvent, RoomId, UserId } from "@hubbub/protocol";

/** The fields of an event that its kind decides on; those without a column share one. */
interface Content {
  text?: string;
  replyTo?: number | undefined;
  target?: number;
  [field: string]: unknown;
}

/** A row of `events` with its author's name. */
export interface EventRow {
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
  readonly kind: EventKind;
  readonly user_id: UserId;
  readonly username: string;
  readonly event_id: EventId;
  readonly text: string | null;
  readonly reply_to: number | null;
  readonly target: number | null;
  readonly extra: Record<string, unknown> | null;
}

/** Columns of the batch, in the order of the statement's arrays. `extra` travels as JSON text. */
export function toColumns(events: readonly RoomEvent[]): unknown[][] {
  const columns: unknown[][] = Array.from({ length: 11 }, () => []);
  for (const event of events) {
    for (const [index, value] of toCells(event).entries()) columns[index]?.push(value);
  }
  return columns;
}

function toCells({ type, room, seq, epoch, at, kind, by, id, ...rest }: RoomEvent): unknown[] {
  const content: Content = rest;
  const { text, replyTo, target, ...extra } = content;
  const extraJson = Object.keys(extra).length === 0 ? null : JSON.stringify(extra);
  return [room, seq, epoch, at, kind, by.id, id, text ?? null, replyTo ?? null, target ?? null, extraJson];
}

/** The event as it was accepted; what was absent is absent. */
export function toEvent(room: RoomId, row: EventRow): RoomEvent {
  const content: Content = {
    ...(row.text === null ? {} : { text: row.text }),
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    ...(row.target === null ? {} : { target: row.target }),
    ...row.extra,
  };
  return {
    type: "event",
    room,
    epoch: row.epoch,
    seq: row.seq,
    at: row.at,
    by: { id: row.user_id, username: row.username },
    kind: row.kind,
    id: row.event_id,
    ...content,
  } as RoomEvent;
}
