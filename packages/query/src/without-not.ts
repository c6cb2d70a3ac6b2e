import { type Atom, type Expr, isConnective, type TextTest } from "./tree.ts";

const OPPOSITE = {
  and: "or",
  or: "and",
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
  in: "nin",
  nin: "in",
  has: "hasnt",
  hasnt: "has",
  any: "none",
  none: "any",
} as const;

/**
 * Moves every `not` to the leaves, where a missing value gives false with and without it. The result is true for an event exactly
 * when three-valued logic makes the filter true. Only text tests keep a `not`, because they have no opposite.
 */
export function withoutNot(expr: Expr, isNegated = false): Expr {
  if (expr.op === "not") return withoutNot(expr.of, !isNegated);
  if (isConnective(expr))
    return { op: isNegated ? OPPOSITE[expr.op] : expr.op, of: expr.of.map((part) => withoutNot(part, isNegated)) };
  if (!isNegated) return expr;
  if (isTextTest(expr)) return { op: "not", of: expr };
  return { ...expr, op: OPPOSITE[expr.op] } as Atom;
}

export function isTextTest(expr: Expr): expr is Extract<Atom, { readonly op: TextTest }> {
  return expr.op === "starts" || expr.op === "ends" || expr.op === "contains";
}
