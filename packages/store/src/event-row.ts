import { authorOf, type EventId, type EventKind, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { arrayText, type Cell } from "./array-text.ts";

/** The fields that depend on the kind of an event. Those without a column of their own share `extra`. */
interface Content extends Partial<Record<"replyTo" | "target" | "thread", number | undefined>> {
  text?: string | undefined;
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

const COLUMNS = 11;
/** Kinds with a text. Null in their row: it was emptied by a deletion, and is read as "". */
const WITH_TEXT: readonly EventKind[] = ["message", "edit"];

/** The events of a batch as `e`, with the arrays of `toColumns` as parameters from $5 on. */
export const EVENTS = `unnest(
        $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::uuid[], $11::text[], $12::text[],
        $13::bigint[], $14::bigint[], $15::text[]
      ) as e (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)`;

/** Columns of the batch, in the order of `EVENTS`. `extra` travels as JSON text. */
export function toColumns(events: readonly RoomEvent[]): string[] {
  const rows = events.map(toCells);
  return Array.from({ length: COLUMNS }, (_none, column) => arrayText(rows.map((cells) => cells[column] ?? null)));
}

function toCells(event: RoomEvent): Cell[] {
  const { room, seq, epoch, at, kind, by, id } = event;
  const { text, replyTo, target, thread, broadcast, mentions, files }: Content = event;
  const isPlain = kind === "message" && (broadcast ?? mentions ?? files ?? event.was) === undefined;
  const extra = isPlain ? null : toExtra(event);
  return [room, seq, epoch, at, kind, by.id, id, text ?? null, replyTo ?? null, target ?? thread ?? null, extra];
}

/** The fields without a column of their own. */
function toExtra({ type, room, seq, epoch, at, kind, by, id, ...rest }: RoomEvent): string | null {
  const { text, replyTo, target, thread, ...extra }: Content = rest;
  return Object.keys(extra).length === 0 ? null : JSON.stringify(extra);
}

/** The event as it was accepted: absent fields stay absent. */
export function toEvent(room: RoomId, row: EventRow): RoomEvent {
  const content: Content = {
    ...(row.text === null && !WITH_TEXT.includes(row.kind) ? {} : { text: row.text ?? "" }),
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    ...(row.target === null ? {} : { [row.kind === "message" ? "thread" : "target"]: row.target }),
    ...row.extra,
  };
  return {
    type: "event",
    room,
    epoch: row.epoch,
    seq: row.seq,
    at: row.at,
    by: authorOf(row.user_id, row.username),
    kind: row.kind,
    id: row.event_id,
    ...content,
  } as RoomEvent;
}
