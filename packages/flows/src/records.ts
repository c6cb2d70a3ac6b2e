import type { RoomEvent } from "@hubbub/protocol";
import { type FieldTable, MESSAGE_FIELDS, type Row, recordFields, toRow } from "@hubbub/query";
import type { RoomModel } from "@hubbub/store";

/** A record of an event: as filters see it, and as a derived room gets it. */
export interface SourceRecord {
  readonly row: Row;
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Reads the records of one source. */
export interface RecordReader {
  /** 0: the source has no model, its messages are the records. */
  readonly version: number;
  read(event: RoomEvent): readonly SourceRecord[];
}

export function recordReader(model: RoomModel | null): RecordReader {
  if (model === null) return { version: 0, read: (event) => (event.kind === "message" ? [messageRecord(event)] : []) };
  const fields = recordFields(model.fields as Parameters<typeof recordFields>[0]);
  return {
    version: model.version,
    read: (event) => (event.kind === "data" ? event.rows.map((record) => dataRecord(event, record, fields)) : []),
  };
}

/** A derived room names a message by its seq and keeps no text of it: who deletes the message deletes one text. */
function messageRecord(event: Extract<RoomEvent, { kind: "message" }>): SourceRecord {
  const { text, at, by, mentions, thread, files } = event;
  const record = { text, at, author: by.id, name: by.username, inThread: thread !== undefined };
  const more = { mentions: mentions?.names ?? [], hasFiles: files !== undefined };
  return { row: toRow({ ...record, ...more }, MESSAGE_FIELDS), shown: { message: event.seq } };
}

function dataRecord(
  event: Extract<RoomEvent, { kind: "data" }>,
  record: Readonly<Record<string, unknown>>,
  fields: FieldTable,
): SourceRecord {
  return {
    row: toRow({ ...record, at: event.at, author: event.by.id, name: event.by.username }, fields),
    shown: record,
  };
}
