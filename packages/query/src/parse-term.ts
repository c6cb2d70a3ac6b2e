import type { Part } from "./parse-parts.ts";
import type { Reader } from "./parse-reader.ts";
import { BadText } from "./tokens.ts";
import { FILTER_BOUNDS, type Term, type TextTest } from "./tree.ts";

type Parse = (reader: Reader) => Part;

const METHODS: Readonly<Record<string, TextTest>> = { startsWith: "starts", endsWith: "ends", contains: "contains" };

/** Reads sums and products, and what they consist of. `parseOr` reads what is in parentheses. */
export function parseTerm(reader: Reader, parseOr: Parse): Part {
  return parseBinary(reader, ["+", "-"], () => parseBinary(reader, ["*", "/"], () => parseValue(reader, parseOr)));
}

function parseBinary(reader: Reader, signs: readonly ("+" | "-" | "*" | "/")[], parse: () => Part): Part {
  let left = parse();
  for (;;) {
    const op = signs.find((sign) => reader.take(sign));
    if (op === undefined) return left;
    left = reader.termPart({ op, of: [reader.termOf(left), reader.termOf(parse())] }, left.column);
  }
}

function parseValue(reader: Reader, parseOr: Parse): Part {
  const { kind, text, column } = reader.next;
  if (reader.take("(")) {
    const inner = reader.nested(() => parseOr(reader));
    reader.expect(")");
    return afterValue(reader, { ...inner, column });
  }
  if (kind === "name" && !reader.seesConstant()) return afterValue(reader, parseName(reader, parseOr));
  if (kind === "end" || (kind === "sign" && text !== "-"))
    throw reader.unexpected("A field, a value or a condition is expected here");
  return reader.termPart({ v: reader.constant() }, column);
}

function parseName(reader: Reader, parseOr: Parse): Part {
  const { text, column } = reader.skip();
  if (reader.sees("(")) return reader.nested(() => parseCall(reader, text, column, parseOr));
  if (text === "me.id" || text === "me.name") return reader.termPart({ p: text }, column);
  if (text === "me" || text.startsWith("me.")) throw new BadText(column, "Of the reader there are me.id and me.name.");
  return reader.termPart({ f: text }, column);
}

function parseCall(reader: Reader, name: string, column: number, parseOr: Parse): Part {
  const dot = name.lastIndexOf(".");
  const method = METHODS[name.slice(dot + 1)];
  if (dot > 0 && method !== undefined)
    return parseMethod(reader, reader.termPart({ f: name.slice(0, dot) }, column), method);
  reader.expect("(");
  const part = parseArguments(reader, name, column, parseOr);
  reader.expect(")");
  return part;
}

function parseArguments(reader: Reader, name: string, column: number, parseOr: Parse): Part {
  switch (name) {
    case "has":
      return reader.placed({ op: "has", f: fieldName(reader) }, column);
    case "any":
    case "none": {
      const f = fieldName(reader);
      reader.expect(",");
      return reader.placed({ op: name, f, r: reader.constants() }, column);
    }
    case "lower":
      return { lowered: reader.termOf(parseTerm(reader, parseOr)), column };
    case "abs":
    case "min":
    case "max":
      return reader.termPart({ op: name, of: parseList(reader, parseOr) }, column);
    default:
      throw new BadText(
        column,
        `There is no function ${name}. There are has, any, none, lower, timestamp, abs, min and max.`,
      );
  }
}

/** A method behind parentheses or a call: `lower(note).contains("btc")`. */
function afterValue(reader: Reader, part: Part): Part {
  const { kind, text, column } = reader.next;
  if (kind !== "sign" || text !== ".") return part;
  reader.skip();
  const method = reader.next.kind === "name" ? METHODS[reader.next.text] : undefined;
  if (method === undefined) throw new BadText(column, "There are the methods contains, startsWith and endsWith.");
  reader.skip();
  return parseMethod(reader, part, method);
}

function parseMethod(reader: Reader, part: Part, op: TextTest): Part {
  reader.expect("(");
  const { kind, column } = reader.next;
  const r = reader.constant();
  if (kind !== "text" || typeof r !== "string") throw new BadText(column, "A text in quotes is expected here.");
  reader.expect(")");
  if ("lowered" in part && r !== r.toLowerCase())
    throw new BadText(column, `lower(…) has small letters only. Write ${JSON.stringify(r.toLowerCase())}.`);
  if ("lowered" in part) return reader.placed({ op, l: part.lowered, r, fold: true }, part.column);
  return reader.placed({ op, l: reader.termOf(part), r }, part.column);
}

function parseList(reader: Reader, parseOr: Parse): readonly Term[] {
  const of = [reader.termOf(parseTerm(reader, parseOr))];
  while (reader.take(",")) of.push(reader.termOf(parseTerm(reader, parseOr)));
  if (of.length > FILTER_BOUNDS.parts)
    throw new BadText(reader.next.column, `A function takes at most ${FILTER_BOUNDS.parts} values.`, "too_large");
  return of;
}

function fieldName(reader: Reader): string {
  if (reader.next.kind !== "name") throw reader.unexpected("The name of a field is expected here");
  return reader.skip().text;
}
