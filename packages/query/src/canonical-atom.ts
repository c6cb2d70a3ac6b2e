import { calculate, compare, testText } from "./calculate.ts";
import type { Atom, Comparison, Constant, Expr, Term, TextTest } from "./tree.ts";

const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  eq: "eq",
  ne: "ne",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
};

/** An atom in its one form, or the constant it always is. The missing result of a calculation with constants makes it false. */
export function canonicalAtom(atom: Atom): Expr | boolean {
  if (!("l" in atom)) return "r" in atom ? { op: atom.op, f: atom.f, r: valueSet(atom.r) } : { op: atom.op, f: atom.f };
  const l = canonicalTerm(atom.l);
  if (l === null) return false;
  switch (atom.op) {
    case "in":
    case "nin":
      return canonicalIn(atom.op, l, atom.r);
    case "starts":
    case "ends":
    case "contains":
      return canonicalText(atom, l);
    default: {
      const r = canonicalTerm(atom.r);
      return r === null ? false : canonicalComparison(atom.op, l, r);
    }
  }
}

/** A list of values, sorted and without doubles. */
export function valueSet(values: readonly Constant[]): readonly Constant[] {
  const byKey = new Map(values.map((value) => [JSON.stringify(value), plainZero(value)]));
  return [...byKey].sort(byText).map(([, value]) => value);
}

function byText([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `in` of one value is `eq`. */
export function canonicalIn(op: "in" | "nin", l: Term, values: readonly Constant[]): Expr | boolean {
  const r = valueSet(values);
  if ("v" in l) return r.includes(l.v) === (op === "in");
  const [only] = r;
  return r.length === 1 && only !== undefined
    ? canonicalComparison(op === "in" ? "eq" : "ne", l, { v: only })
    : { op, l, r };
}

function canonicalComparison(op: Comparison, l: Term, r: Term): Expr | boolean {
  if ("v" in l && "v" in r) return compare(op, l.v, r.v);
  if ("v" in l) return canonicalComparison(FLIPPED[op], r, l);
  if ("v" in r) return op === "ne" && typeof r.v === "boolean" ? { op: "eq", l, r: { v: !r.v } } : { op, l, r };
  return JSON.stringify(l) <= JSON.stringify(r) ? { op, l, r } : { op: FLIPPED[op], l: r, r: l };
}

function canonicalText(atom: Extract<Atom, { readonly op: TextTest }>, l: Term): Expr | boolean {
  const part = atom.fold ? atom.r.toLowerCase() : atom.r;
  if ("v" in l) return testText(atom.op, atom.fold ? String(l.v).toLowerCase() : String(l.v), part);
  return atom.fold ? { op: atom.op, l, r: part, fold: true } : { op: atom.op, l, r: part };
}

/** Null: always missing. */
function canonicalTerm(term: Term): Term | null {
  if ("v" in term) return { v: plainZero(term.v) };
  if ("f" in term) return { f: term.f };
  if ("p" in term) return { p: term.p };
  const parts = term.of.map(canonicalTerm);
  if (parts.includes(null)) return null;
  const of = parts.filter((part) => part !== null);
  const numbers = of.flatMap((part) => ("v" in part && typeof part.v === "number" ? [part.v] : []));
  if (numbers.length < of.length) return { op: term.op, of: term.op === "-" || term.op === "/" ? of : sorted(of) };
  const result = calculate(term.op, numbers);
  return result === undefined ? null : { v: plainZero(result) };
}

function sorted(terms: readonly Term[]): readonly Term[] {
  return terms
    .map((term) => [JSON.stringify(term), term] as const)
    .sort(byText)
    .map(([, term]) => term);
}

function plainZero(value: Constant): Constant {
  return value === 0 ? 0 : value;
}
