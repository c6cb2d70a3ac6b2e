import { type Expr, isConnective, type Term } from "./tree.ts";

/** The reader of a filter: what `me.id` and `me.name` stand for. */
export interface Reader {
  readonly id: string;
  readonly name: string;
}

/** Puts the reader's values in place of `me.id` and `me.name`. Filters of different readers then differ. */
export function bindReader(expr: Expr, reader: Reader): Expr {
  if (isConnective(expr)) return { op: expr.op, of: expr.of.map((part) => bindReader(part, reader)) };
  if (expr.op === "not") return { op: "not", of: bindReader(expr.of, reader) };
  if (!("l" in expr)) return expr;
  const l = bindTerm(expr.l, reader);
  switch (expr.op) {
    case "in":
    case "nin":
      return { ...expr, l };
    case "starts":
    case "ends":
    case "contains":
      return { ...expr, l };
    default:
      return { op: expr.op, l, r: bindTerm(expr.r, reader) };
  }
}

function bindTerm(term: Term, reader: Reader): Term {
  if ("p" in term) return { v: term.p === "me.id" ? reader.id : reader.name };
  return "op" in term ? { op: term.op, of: term.of.map((part) => bindTerm(part, reader)) } : term;
}
