import { z } from "zod";
import { TEXT_MAX_BYTES } from "./limits.ts";
import { epoch, eventId, roomId, seq, time } from "./schemas.ts";
import { rule, storable } from "./strings.ts";

/** Records in one event. */
export const ROWS_MAX = 100;
const FIELD_NAME_MAX = 128;
const ENUM_VALUES_MAX = 100;
const FILTER_MAX = 16_384;

const fieldName = storable.min(1).max(FIELD_NAME_MAX);
const field = z.strictObject({
  type: z.enum(["string", "number", "boolean", "time", "enum", "id", "list"]),
  values: z.array(storable.min(1).max(FIELD_NAME_MAX)).min(1).max(ENUM_VALUES_MAX).optional(),
});
const fields = z.record(fieldName, field).meta({
  ...rule("1 to 64 fields with names as docs/streams.md has them; an enum has values"),
  examples: [{ value: { type: "number" } }],
});

/** The fields of the records that a room takes. */
export const modelBody = z.strictObject({ fields });
export const roomModelInfo = z.object({ version: z.int(), fields: z.record(z.string(), field) });
export type RoomModelInfo = z.output<typeof roomModelInfo>;

const value = z.union([storable, z.number(), z.boolean(), z.array(storable), z.null()]);
/** Bytes as JSON. They share the bound of a text. */
function isSmall(rows: readonly object[]): boolean {
  return new TextEncoder().encode(JSON.stringify(rows)).length <= TEXT_MAX_BYTES;
}
export const dataBody = z.strictObject({
  id: eventId,
  rows: z
    .array(z.record(fieldName, value))
    .min(1)
    .max(ROWS_MAX)
    .refine(isSmall, `must be at most ${TEXT_MAX_BYTES} bytes as JSON`),
});
export type DataBody = z.input<typeof dataBody>;

/** A filter as text or as a tree: see docs/streams.md. */
const filter = z.union([z.string().min(1).max(FILTER_MAX), z.looseObject({ op: z.string() })]);
export const watchBody = z.strictObject({ where: filter });
/**
 * `room`: subscribe to it. It has what matches from the events of the source after `since` on. `where`: the filter in its one form.
 * `wantedUntil`: ask again before, or the query ends.
 */
export const watchInfo = z.object({
  room: roomId,
  source: roomId,
  where: z.string(),
  cost: z.int(),
  since: seq,
  head: seq,
  epoch,
  wantedUntil: time,
});
export type WatchInfo = z.output<typeof watchInfo>;

const fault = z.object({
  code: z.string(),
  at: z.string(),
  message: z.string(),
  field: z.string().optional(),
  nearest: z.string().optional(),
  column: z.int().optional(),
});
/** Without faults the filter can be used; `where` and `cost` are there then. */
export const filterCheck = z.object({
  faults: fault.array(),
  where: z.string().optional(),
  cost: z.int().optional(),
  fields: z.record(z.string(), field),
});
export type FilterCheck = z.output<typeof filterCheck>;
