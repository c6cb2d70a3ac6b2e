import { isUuid, type RoomEvent } from "@hubbub/protocol";

/** The event of a frame; null for one that cannot be a row, which the writer has buried or will bury. */
export function readFrame(frame: string): RoomEvent | null {
  try {
    const event: unknown = JSON.parse(frame);
    return isStorable(event) ? event : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether Postgres can be asked for it. */
function isStorable(event: unknown): event is RoomEvent {
  if (typeof event !== "object" || event === null) return false;
  const { room, seq, by, id }: Partial<Record<string, unknown>> = { ...event };
  if (typeof by !== "object" || by === null || !("id" in by)) return false;
  return (
    [room, by.id].every((uuid) => typeof uuid === "string" && isUuid(uuid)) &&
    Number.isSafeInteger(seq) &&
    typeof id === "string"
  );
}

/** Leaves the row with the deletion of a message, and stays in the log until its replay window has passed. */
const DELETED_FIELDS = new Set(["text", "mentions", "files"]);

/**
 * What is different, in a word; null: the same event. A tombstone stands for whatever could not be stored at its seq. A row
 * without a text is that of a deleted message; whether it is, the projection is asked. Records without rows are those of an erased user.
 */
export function differenceOf(logged: RoomEvent, row: RoomEvent): string | null {
  if (row.kind === "tombstone") return null;
  const { by, type: _type, ...rest } = logged;
  const { by: rowBy, type: _rowType, ...rowRest } = row;
  if (by.id !== rowBy.id) return "author";
  const [mine, theirs] = [fieldsOf(rest), fieldsOf(rowRest)];
  const isEmptied = theirs.get("text") === "";
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    if (isEmptied && DELETED_FIELDS.has(name)) continue;
    if (row.kind === "data" && row.rows.length === 0 && name === "rows") continue;
    if (mine.get(name) !== theirs.get(name)) return name;
  }
  return null;
}

/** Postgres keeps no half of a surrogate pair, and the fields of an object in an order of its own. */
function fieldsOf(event: object): Map<string, string> {
  return new Map(Object.entries(event).map(([name, value]) => [name, toText(value).toWellFormed()]));
}

function toText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([name, part]) => `${name}:${toText(part)}`);
  return `{${parts.sort().join()}}`;
}
