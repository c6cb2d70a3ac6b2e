import type { Row, Value } from "./compile.ts";
import type { Field, FieldTable } from "./field-table.ts";

/** Values of one list field. */
const LIST_MAX = 100;

/** What is wrong with a record, in a sentence; null: nothing. A field that is missing or null is a missing value. */
export function recordFault(record: Readonly<Record<string, unknown>>, fields: FieldTable): string | null {
  for (const [name, value] of Object.entries(record)) {
    const field = fields.get(name);
    if (field === undefined) return `the model has no field ${JSON.stringify(name.slice(0, 64))}`;
    if (value !== null && !fits(value, field)) return `${name} must be ${described(field)}`;
  }
  return null;
}

/** The record as filters see it: values that do not fit the model are missing. */
export function toRow(
  record: Readonly<Record<string, unknown>>,
  fields: FieldTable,
): Record<string, Value | undefined> {
  const row = Object.create(null) as Record<string, Value | undefined>;
  for (const [name, value] of Object.entries(record)) {
    const field = fields.get(name);
    if (field !== undefined && fits(value, field)) row[name] = value as Value;
  }
  return row satisfies Row;
}

function fits(value: unknown, { type, values }: Field): boolean {
  switch (type) {
    case "number":
    case "time":
      return typeof value === "number" && Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value) && value.length <= LIST_MAX && value.every((part) => typeof part === "string");
    case "enum":
      return typeof value === "string" && (values?.includes(value) ?? false);
    default:
      return typeof value === "string";
  }
}

function described({ type, values = [] }: Field): string {
  if (type === "enum") return `one of ${values.slice(0, 10).join(", ")}`;
  if (type === "list") return `a list of at most ${LIST_MAX} texts`;
  if (type === "time") return "a time in Unix milliseconds";
  return type === "number" ? "a finite number" : type === "boolean" ? "true or false" : "a text";
}
