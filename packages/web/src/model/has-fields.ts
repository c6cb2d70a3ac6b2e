type Kind = "string" | "number";

/** Whether a value read from outside is an object that has these fields. */
export function hasFields(value: unknown, fields: Readonly<Record<string, Kind>>): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const found = value as Record<string, unknown>;
  return Object.entries(fields).every(([name, kind]) => typeof found[name] === kind);
}
