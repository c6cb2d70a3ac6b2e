import { type Atom, type Expr, isConnective, type Term, termsOf } from "./tree.ts";

/** What a filter costs for each event, in units of about 10 ns. */
export function costOf(expr: Expr): number {
  if (isConnective(expr)) return expr.of.reduce((sum, part) => sum + costOf(part), 0);
  if (expr.op === "not") return costOf(expr.of);
  return atomCost(expr) + termsOf(expr).reduce((sum, term) => sum + termCost(term), 0);
}

/** Expressions and calculations of a filter, and how deep they are within each other. */
export function sizeOf(expr: Expr): { readonly nodes: number; readonly depth: number } {
  if (isConnective(expr)) return around(expr.of.map(sizeOf));
  if (expr.op === "not") return around([sizeOf(expr.of)]);
  return around(termsOf(expr).map(termSize));
}

function around(parts: readonly { readonly nodes: number; readonly depth: number }[]) {
  return {
    nodes: 1 + parts.reduce((sum, { nodes }) => sum + nodes, 0),
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
  };
}

function termSize(term: Term): { readonly nodes: number; readonly depth: number } {
  return "op" in term ? around(term.of.map(termSize)) : { nodes: 0, depth: 0 };
}

function atomCost(atom: Atom): number {
  switch (atom.op) {
    case "in":
    case "nin":
    case "any":
    case "none":
      return 2;
    case "starts":
    case "ends":
    case "contains":
      return 2 + Math.ceil(atom.r.length / 16) + (atom.fold ? 2 : 0);
    default:
      return 1;
  }
}

function termCost(term: Term): number {
  return "op" in term
    ? term.of.reduce((sum, part) => sum + termCost(part), term.of.length > 2 ? term.of.length - 1 : 1)
    : 0;
}
