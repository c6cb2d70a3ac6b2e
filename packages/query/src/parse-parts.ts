import { BadText } from "./tokens.ts";
import type { Expr, Term } from "./tree.ts";

/** What a piece of text stands for: a condition or a value. */
export type Part = { readonly column: number } & (
  | { readonly expr: Expr }
  | { readonly term: Term }
  | { readonly lowered: Term }
);

/** A part as a condition. A field alone stands for `field == true`. */
export function conditionOf(part: Part, reader: { placed(expr: Expr, column: number): Part }): Expr {
  if ("expr" in part) return part.expr;
  if ("term" in part && "f" in part.term) {
    const placed = reader.placed({ op: "eq", l: part.term, r: { v: true } }, part.column);
    if ("expr" in placed) return placed.expr;
  }
  throw new BadText(part.column, "A condition is expected here, for example price > 100.");
}
