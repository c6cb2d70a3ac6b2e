import type { Canonical } from "./canonical.ts";
import type { FieldTable } from "./field-table.ts";
import { type Atom, type Comparison, type Constant, isConnective, type Term, type TextTest } from "./tree.ts";

const COMPARISONS: Readonly<Record<Comparison, string>> = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" };
const METHODS: Readonly<Record<TextTest, string>> = { starts: "startsWith", ends: "endsWith", contains: "contains" };

/** The text form of a filter; `parseFilter` reads it back. With the field table, times are written as dates. */
export function printFilter(filter: Canonical, fields?: FieldTable): string {
  if (typeof filter === "boolean") return String(filter);
  if (isConnective(filter)) {
    const parts = filter.of.map((part) => inParentheses(printFilter(part, fields), isConnective(part)));
    return parts.join(filter.op === "or" ? " || " : " && ");
  }
  if (filter.op === "not") return `!(${printFilter(filter.of, fields)})`;
  return printAtom(filter, fields);
}

function inParentheses(text: string, isNeeded: boolean): string {
  return isNeeded ? `(${text})` : text;
}

function printAtom(atom: Atom, fields: FieldTable | undefined): string {
  switch (atom.op) {
    case "has":
      return `has(${atom.f})`;
    case "hasnt":
      return `!has(${atom.f})`;
    case "any":
    case "none":
      return `${atom.op}(${atom.f}, ${printList(atom.r, false)})`;
    case "in":
    case "nin": {
      const text = `${printTerm(atom.l)} in ${printList(atom.r, isTime(atom.l, fields))}`;
      return atom.op === "in" ? text : `!(${text})`;
    }
    case "starts":
    case "ends":
    case "contains": {
      const l = printTerm(atom.l);
      return `${atom.fold ? `lower(${l})` : "f" in atom.l ? l : `(${l})`}.${METHODS[atom.op]}(${JSON.stringify(atom.fold ? atom.r.toLowerCase() : atom.r)})`;
    }
    default: {
      const withTime = isTime(atom.l, fields) || isTime(atom.r, fields);
      return `${printTerm(atom.l, withTime)} ${COMPARISONS[atom.op]} ${printTerm(atom.r, withTime)}`;
    }
  }
}

function isTime(term: Term, fields: FieldTable | undefined): boolean {
  return "f" in term && fields?.get(term.f)?.type === "time";
}

function printTerm(term: Term, withTime = false): string {
  if ("f" in term) return term.f;
  if ("p" in term) return term.p;
  if ("v" in term) return printConstant(term.v, withTime);
  if (term.op === "abs" || term.op === "min" || term.op === "max")
    return `${term.op}(${term.of.map((part) => printTerm(part)).join(", ")})`;
  return term.of.map((part) => inParentheses(printTerm(part), isBinary(part))).join(` ${term.op} `);
}

function isBinary(term: Term): boolean {
  return "op" in term && term.op !== "abs" && term.op !== "min" && term.op !== "max";
}

function printList(values: readonly Constant[], withTime: boolean): string {
  return `[${values.map((value) => printConstant(value, withTime)).join(", ")}]`;
}

function printConstant(value: Constant, withTime: boolean): string {
  return withTime && typeof value === "number" && Math.abs(value) <= 8.64e15 && Number.isInteger(value)
    ? `timestamp(${JSON.stringify(new Date(value).toISOString())})`
    : JSON.stringify(value);
}
