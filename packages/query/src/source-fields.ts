import { type Field, type FieldTable, fieldTable } from "./field-table.ts";

/** What every event has. */
const OF_EVENTS: Readonly<Record<string, Field>> = {
  /** Time of the event. */
  at: { type: "time" },
  /** User id and name of its author. */
  author: { type: "id" },
  name: { type: "string" },
};

/** The fields of the messages of a room that takes no records. */
export const MESSAGE_FIELDS: FieldTable = fieldTable({
  ...OF_EVENTS,
  text: { type: "string" },
  mentions: { type: "list" },
  inThread: { type: "boolean" },
  hasFiles: { type: "boolean" },
});

/** Fields in one model. */
export const MODEL_FIELDS_MAX = 64;

/**
 * The fields of the records of a room, with those of their events.
 * @throws RangeError when a name cannot be used
 */
export function recordFields(model: Readonly<Record<string, Field>>): FieldTable {
  const taken = Object.keys(model).find((name) => Object.hasOwn(OF_EVENTS, name));
  if (taken !== undefined) throw new RangeError(`"${taken}" is a field that every record has`);
  const count = Object.keys(model).length;
  if (count === 0 || count > MODEL_FIELDS_MAX)
    throw new RangeError(`a model has 1 to ${MODEL_FIELDS_MAX} fields, this one has ${count}`);
  return fieldTable({ ...OF_EVENTS, ...model });
}
