import type { Fault } from "./fault.ts";
import { conditionOf, type Part } from "./parse-parts.ts";
import { Reader } from "./parse-reader.ts";
import { parseTerm } from "./parse-term.ts";
import { BadText } from "./tokens.ts";
import { type Comparison, type Expr, FILTER_BOUNDS } from "./tree.ts";

/** Characters of the text form. */
const SOURCE_LENGTH = FILTER_BOUNDS.canonicalLength;

export interface ParsedFilter {
  readonly expr: Expr;
  /** The column where the part of the tree at `at` begins. */
  columnAt(at: string): number;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

/** Reads the text form of a filter: a subset of CEL, for example `symbol == "BTC" && price * qty >= 10000 && has(note)`. */
export function parseFilter(source: string): ParsedFilter | { readonly fault: Fault } {
  try {
    if (source.length > SOURCE_LENGTH)
      throw new BadText(SOURCE_LENGTH, `The filter is longer than ${SOURCE_LENGTH} characters.`, "too_large");
    const reader = new Reader(source);
    const expr = conditionOf(parseOr(reader), reader);
    reader.expectEnd();
    return { expr, columnAt: (at) => columnAt(expr, at, reader.columns) };
  } catch (error) {
    if (error instanceof BadText) return { fault: error.fault };
    throw error;
  }
}

function parseOr(reader: Reader): Part {
  return parseConnective(reader, "||", "or", () => parseConnective(reader, "&&", "and", () => parseNot(reader)));
}

function parseConnective(reader: Reader, sign: string, op: "and" | "or", parse: () => Part): Part {
  const first = parse();
  if (!reader.sees(sign)) return first;
  const of = [conditionOf(first, reader)];
  while (reader.take(sign)) of.push(conditionOf(parse(), reader));
  if (of.length > FILTER_BOUNDS.parts)
    throw new BadText(
      first.column,
      `${sign} joins ${of.length} parts; ${FILTER_BOUNDS.parts} are allowed.`,
      "too_large",
    );
  return reader.placed({ op, of }, first.column);
}

function parseNot(reader: Reader): Part {
  const { column } = reader.next;
  if (!reader.take("!")) return parseRelation(reader);
  return reader.nested(() => reader.placed({ op: "not", of: conditionOf(parseNot(reader), reader) }, column));
}

function parseRelation(reader: Reader): Part {
  const left = parseTerm(reader, parseOr);
  const { kind, text } = reader.next;
  if (kind === "name" && text === "in") {
    reader.skip();
    return reader.placed({ op: "in", l: reader.termOf(left), r: reader.constants() }, left.column);
  }
  const op = kind === "sign" ? COMPARISONS[text] : undefined;
  if (op === undefined) return left;
  reader.skip();
  const right = parseTerm(reader, parseOr);
  if (COMPARISONS[reader.next.text] !== undefined && reader.next.kind === "sign")
    throw new BadText(reader.next.column, "A comparison has two sides. Join two comparisons with &&.");
  return reader.placed({ op, l: reader.termOf(left), r: reader.termOf(right) }, left.column);
}

/** The column of the innermost part with a known column on the way to `at`. */
function columnAt(expr: Expr, at: string, columns: ReadonlyMap<object, number>): number {
  let part: unknown = expr;
  let column = columns.get(expr) ?? 1;
  for (const key of at.split(/[.[\]]+/).filter((key) => key !== "")) {
    part = typeof part === "object" && part !== null ? Reflect.get(part, key) : undefined;
    if (typeof part === "object" && part !== null) column = columns.get(part) ?? column;
  }
  return column;
}
