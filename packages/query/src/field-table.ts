/** The type of a field. A `time` is a number of milliseconds since 1970. `id` and `enum` hold strings. */
export type FieldType = "string" | "number" | "boolean" | "time" | "enum" | "id" | "list";

export interface Field {
  readonly type: FieldType;
  /** The values of an `enum`. */
  readonly values?: readonly string[];
}

/** The fields of a source by name. Names may have dots: `data.price`. */
export type FieldTable = ReadonlyMap<string, Field>;

const NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/i;

/** Words of the text form, and names that every JavaScript object has. */
const RESERVED = new Set(["me", "true", "false", "null", "in", "has", "any", "none", "abs", "min", "max", "lower"]);

/**
 * Makes the field table of a source.
 * @throws RangeError when a name cannot be written in a filter.
 */
export function fieldTable(fields: Readonly<Record<string, Field>>): FieldTable {
  for (const [name, { type, values }] of Object.entries(fields)) {
    const first = name.split(".", 1).join("");
    if (!NAME.test(name) || RESERVED.has(first) || first in {} || first === "timestamp")
      throw new RangeError(`"${name}" cannot be the name of a field`);
    if (type === "enum" && (values?.length ?? 0) === 0) throw new RangeError(`the enum "${name}" needs its values`);
  }
  return new Map(Object.entries(fields));
}

/** The name of `names` that differs least from a wrong one, or null when none is near. */
export function nearestName(wrong: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = (wrong.length < 3 ? 1 : Math.max(2, Math.floor(wrong.length / 3))) + 1;
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase().slice(0, 64), name.toLowerCase().slice(0, 64));
    if (distance >= bestDistance) continue;
    best = name;
    bestDistance = distance;
  }
  return best;
}

/** The Levenshtein distance: insertions, deletions and replacements of one UTF-16 unit. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
