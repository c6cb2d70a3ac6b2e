import type { Fault } from "./fault.ts";

/** A piece of the text form. `column` counts from 1, in UTF-16 units. */
export interface Token {
  readonly kind: "name" | "number" | "text" | "sign" | "end";
  /** The name, the sign, or the text without quotes. */
  readonly text: string;
  readonly column: number;
}

/** Thrown by the parser, caught by `parseFilter`. */
export class BadText extends Error {
  readonly fault: Fault;

  constructor(column: number, message: string, code: Fault["code"] = "bad_text") {
    super(message);
    this.fault = { code, at: "", column, message: `${message} (column ${column})` };
  }
}

const TOKEN =
  /\s*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<sign>&&|\|\||[=!<>]=|[<>!()[\],.+*/-]))/y;

/**
 * Cuts the text form into tokens, with an `end` token last.
 * @throws BadText
 */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const length = source.trimEnd().length;
  while (pattern.lastIndex < length) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(source)?.groups;
    if (groups === undefined) throw strange(source, start);
    tokens.push(tokenOf(groups, pattern.lastIndex));
  }
  return [...tokens, { kind: "end", text: "", column: length + 1 }];
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, end: number): Token {
  for (const kind of ["name", "number", "sign"] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text, column: end - text.length + 1 };
  }
  const quoted = groups["text"] ?? "";
  const column = end - quoted.length + 1;
  return { kind: "text", text: unquote(quoted, column), column };
}

function strange(source: string, from: number): BadText {
  const column = from + (/\S/.exec(source.slice(from))?.index ?? 0) + 1;
  const found = source.slice(column - 1, column);
  if (found === '"' || found === "'") return new BadText(column, "This text has no closing quote.");
  if (found === "=") return new BadText(column, "Compare with ==, not with =.");
  if (found === "&" || found === "|") return new BadText(column, `Write ${found}${found}, not ${found}.`);
  return new BadText(column, `${JSON.stringify(found)} has no meaning here.`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function unquote(quoted: string, column: number): string {
  const text = quoted.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, sign?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (sign === undefined || /[a-z0-9]/i.test(sign)) {
      const known = ESCAPES[sign ?? ""];
      if (known === undefined) throw new BadText(column, `\\${sign} is not a known escape.`);
      return known;
    }
    return sign;
  });
  if (!text.isWellFormed() || text.includes("\0"))
    throw new BadText(column, "This text has a character that is not allowed.");
  return text;
}
