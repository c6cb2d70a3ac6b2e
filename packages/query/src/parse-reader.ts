import type { Part } from "./parse-parts.ts";
import { BadText, type Token, tokensOf } from "./tokens.ts";
import { type Constant, type Expr, FILTER_BOUNDS, type Term } from "./tree.ts";

/** Levels of parentheses and calls. The tree has a lower bound of its own; parentheses alone leave nothing in the tree. */
const NESTING = 4 * FILTER_BOUNDS.depth;

/** Goes through the tokens of one filter, and remembers where each part of the tree began. */
export class Reader {
  readonly columns = new Map<object, number>();
  readonly #tokens: readonly Token[];
  #place = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = tokensOf(source);
  }

  get next(): Token {
    const token = this.#tokens[this.#place] ?? this.#tokens.at(-1);
    if (token === undefined) throw new BadText(1, "The filter is empty.");
    return token;
  }

  skip(): Token {
    const token = this.next;
    this.#place++;
    return token;
  }

  sees(sign: string): boolean {
    return this.next.kind === "sign" && this.next.text === sign;
  }

  take(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.skip();
    return true;
  }

  expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected(`${JSON.stringify(sign)} is expected here`);
  }

  expectEnd(): void {
    if (this.next.kind !== "end") throw this.unexpected("&& or || is expected here");
  }

  unexpected(wanted: string): BadText {
    const { kind, text, column } = this.next;
    return new BadText(
      column,
      kind === "end" ? `${wanted}, but the filter ends.` : `${wanted}, not ${JSON.stringify(text)}.`,
    );
  }

  nested<T>(parse: () => T): T {
    if (++this.#depth > NESTING) throw new BadText(this.next.column, "The filter is nested too deep.", "too_large");
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  placed(expr: Expr, column: number): Part {
    this.columns.set(expr, column);
    return { expr, column };
  }

  termPart(term: Term, column: number): Part {
    this.columns.set(term, column);
    return { term, column };
  }

  termOf(part: Part): Term {
    if ("term" in part) return part.term;
    const message =
      "lowered" in part
        ? "lower(…) is only for contains, startsWith and endsWith."
        : "A value is expected here, not a condition.";
    throw new BadText(part.column, message);
  }

  /** A list of constants in brackets. */
  constants(): Constant[] {
    this.expect("[");
    const values = [this.constant()];
    while (this.take(",")) values.push(this.constant());
    this.expect("]");
    return values;
  }

  constant(): Constant {
    const isNegative = this.take("-");
    const { kind, text, column } = this.next;
    if (kind === "number") return this.#number(isNegative);
    if (isNegative) throw new BadText(column, "A minus stands before a number only. Write 0 - x.");
    if (kind === "name" && text === "timestamp") return this.#time();
    if (!this.seesConstant()) throw this.unexpected("A text, a number, true or false is expected here");
    if (text.length > FILTER_BOUNDS.textLength)
      throw new BadText(column, `A text has at most ${FILTER_BOUNDS.textLength} characters.`, "too_large");
    this.skip();
    return kind === "text" ? text : text === "true";
  }

  /** Whether a constant without a minus begins here. */
  seesConstant(): boolean {
    const { kind, text } = this.next;
    return kind === "text" || kind === "number" || (kind === "name" && ["true", "false", "timestamp"].includes(text));
  }

  /** Milliseconds since 1970. */
  #time(): number {
    this.skip();
    this.expect("(");
    const { kind, column, text } = this.skip();
    const at = Date.parse(text);
    if (kind !== "text" || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(at))
      throw new BadText(column, 'A time is written as timestamp("2026-01-31T12:00:00Z").');
    this.expect(")");
    return at;
  }

  #number(isNegative: boolean): number {
    const { text, column } = this.skip();
    const value = Number(text);
    if (!Number.isFinite(value)) throw new BadText(column, `${text} is too large for a number.`);
    return isNegative ? -value : value;
  }
}
