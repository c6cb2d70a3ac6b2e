import { randomInt, randomUUID } from "node:crypto";
import { sample, string, stringMatching } from "fast-check";
import { fits, type Schema } from "./schema.ts";

/** What programs stumble over: code units, normal forms, directions, controls, ends of lines, escapes, spellings of numbers. */
const TRICKY = [
  ...["", " ", " a b ", "a\nb", "a\r\n", "a\tb", "\u0000", "a\u0000b", "\u0085", "\u2028", "\u202e", "\ufeff"],
  ...["\ud800", "a\udc00", "e\u0301", "\u0958", "\u1e9e", "\u200b", "\u2800", "\u0301", "क", "你好", "👩‍👩‍👧", "🇩🇪"],
  ...["'", '"', "\\", "%", "%00", "_", "*", "'; --", "$(a)", "{{a}}", "<b>", "../..", "a/b", "?a=b", "#a", "+", "&"],
  ...["0", "00", "-1", "1.5", "1e9", "NaN", "null", "true", "9".repeat(15), "9".repeat(19), "me", "admin", "all"],
];
const UNITS = ["a", "0", "é", "€", "😀", "\u0001", "\n", '"', "\u1e9e", "\u0958"];
/** Of a string without a bound. */
const LONG = 300;

/** A harmless one. @throws when the generator finds none */
export function plainString(schema: Schema): string {
  const { minLength = 0, maxLength = LONG, pattern } = schema;
  const simple = [`fuzz-${randomUUID()}`, "fuzz", "fuzz tea", randomUUID(), "1", "a"];
  const short = simple.map((text) => text.slice(0, maxLength).padEnd(minLength, "a"));
  const found =
    short.find((text) => fits(schema, text)) ?? matching(pattern ?? "", 30).find((text) => fits(schema, text));
  if (found === undefined) throw new Error(`no string was found for ${JSON.stringify(schema)}`);
  return found;
}

/** Strings that fit, at their bounds and by chance. */
export function permittedStrings(schema: Schema, count: number): string[] {
  return candidates(schema, count).filter((text) => fits(schema, text));
}

/** Strings that do not. */
export function refusedStrings(schema: Schema, count: number): string[] {
  return candidates(schema, count).filter((text) => !fits(schema, text));
}

/** By schema: the same one stands in many places of a document. */
const made = new Map<string, string[]>();

function candidates(schema: Schema, count: number): string[] {
  const { minLength, maxLength, pattern } = schema;
  const key = JSON.stringify([minLength, maxLength, pattern, count]);
  const known = made.get(key) ?? make(schema, count);
  made.set(key, known);
  return known;
}

function make({ minLength = 0, maxLength = LONG, pattern }: Schema, count: number): string[] {
  const lengths = [minLength - 1, minLength, maxLength, maxLength + 1].filter((length) => length >= 0);
  const atBounds = UNITS.flatMap((unit) => lengths.map((length) => unit.repeat(length)));
  const matched = pattern === undefined ? [] : matching(pattern, count);
  const changed = matched.flatMap((text) => [`${text}\n`, ` ${text}`, `${text}${text}`, text.toUpperCase()]);
  const byChance = sample(
    string({ unit: "binary", minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONG)) }),
    count,
  );
  return [...new Set([...atBounds, ...TRICKY, ...matched, ...changed, ...byChance])];
}

/** By chance. The generator knows no properties of characters; such a pattern is left to the other candidates. */
function matching(pattern: string, count: number): string[] {
  try {
    return sample(stringMatching(new RegExp(pattern, "u")), count);
  } catch {
    return [];
  }
}

export function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 0 ? undefined : items[randomInt(items.length)];
}
