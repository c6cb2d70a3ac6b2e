import { listFaultOf, typeFaultOf, type WithType } from "./check-values.ts";
import { type Fault, placeIn } from "./fault.ts";
import { type FieldTable, nearestName } from "./field-table.ts";
import type { Atom, Calculation, Comparison, Constant, Term, TextTest } from "./tree.ts";

export interface CheckContext {
  readonly fields: FieldTable;
  readonly faults: Fault[];
}

/** Checks an atom at a place of the tree, and adds what is wrong to the faults of the context. */
export function checkAtom(atom: Atom, at: string, context: CheckContext): void {
  const fault = atomFault(atom, at, context);
  if (fault !== null) context.faults.push(fault);
}

/** The fault of the atom itself; those of its terms are in the context already. */
function atomFault(atom: Atom, at: string, context: CheckContext): Fault | null {
  switch (atom.op) {
    case "has":
    case "hasnt":
      fieldType(atom.f, placeIn(at, "f"), context);
      return null;
    case "any":
    case "none":
      return listFault(atom, at, context);
    case "in":
    case "nin":
      return typeFaultOf(termType(atom.l, placeIn(at, "l"), context), atom.r, at);
    case "starts":
    case "ends":
    case "contains":
      return textFault(atom, at, context);
    default:
      return comparisonFault(atom, at, context);
  }
}

type Compared = { readonly op: Comparison; readonly l: Term; readonly r: Term };

function comparisonFault(atom: Compared, at: string, context: CheckContext): Fault | null {
  const left = termType(atom.l, placeIn(at, "l"), context);
  const right = termType(atom.r, placeIn(at, "r"), context);
  if (left === null || right === null) return null;
  const list = [left, right].find(({ type }) => type === "list");
  if (list !== undefined) return listFaultOf(list, at);
  const unordered = [left, right].find(({ type }) => type !== "number" && type !== "time");
  if (atom.op !== "eq" && atom.op !== "ne" && unordered !== undefined)
    return {
      code: "not_ordered",
      at,
      message: `${unordered.told} has no order. Only numbers and times are compared with <, <=, > and >=.`,
    };
  if ("v" in atom.r) return typeFaultOf(left, [atom.r.v], at);
  if ("v" in atom.l) return typeFaultOf(right, [atom.l.v], at);
  return left.family === right.family
    ? null
    : { code: "wrong_type", at, message: `${left.told} and ${right.told} cannot be compared.` };
}

function listFault(atom: { readonly f: string; readonly r: readonly Constant[] }, at: string, context: CheckContext) {
  const type = fieldType(atom.f, placeIn(at, "f"), context);
  if (type === null) return null;
  if (type.type === "list") return typeFaultOf(withType("string", type.told), atom.r, at);
  const message = `${type.told} is not a list. Use ${atom.f} in ["…"].`;
  return { code: "wrong_type", at, field: atom.f, message } as const;
}

function textFault(atom: { readonly op: TextTest; readonly l: Term }, at: string, context: CheckContext): Fault | null {
  const type = termType(atom.l, placeIn(at, "l"), context);
  if (type === null || type.family === "string") return null;
  return { code: "wrong_type", at, message: `${type.told} is not a text, so it has no beginning, end or part.` };
}

/** The type of a term. Null: the term has a fault, which is in the context. */
function termType(term: Term, at: string, context: CheckContext): WithType | null {
  if ("f" in term) return fieldType(term.f, at, context);
  if ("p" in term) return withType(term.p === "me.id" ? "id" : "string", term.p);
  if ("v" in term) return withType(typeof term.v as "string" | "number" | "boolean", JSON.stringify(term.v));
  return calculationType(term, at, context);
}

function calculationType(
  { op, of }: { readonly op: Calculation; readonly of: readonly Term[] },
  at: string,
  context: CheckContext,
): WithType | null {
  const fault = countFault(op, of.length, at);
  if (fault !== null) context.faults.push(fault);
  const types = of.map((part, index) => termType(part, placeIn(at, `of[${index}]`), context));
  const wrong = types.find((type) => type !== null && type.type !== "number");
  if (wrong)
    context.faults.push({
      code: "wrong_type",
      at,
      message: `${wrong.told} is not a number. ${op} takes numbers only.`,
    });
  return wrong || fault !== null || types.includes(null) ? null : withType("number", "the result");
}

function countFault(op: Calculation, count: number, at: string): Fault | null {
  const wanted = op === "abs" ? 1 : 2;
  const isRight = op === "min" || op === "max" ? count >= 2 : count === wanted;
  const values = wanted === 1 ? "one value" : op === "min" || op === "max" ? "two values or more" : "two values";
  return isRight ? null : { code: "wrong_count", at, message: `${op} takes ${values}, not ${count}.` };
}

function fieldType(name: string, at: string, { fields, faults }: CheckContext): WithType | null {
  const field = fields.get(name);
  if (field !== undefined) return { ...withType(field.type, name), values: field.values };
  const nearest = nearestName(name, fields.keys());
  const hint =
    nearest === null ? `The fields are ${[...fields.keys()].slice(0, 10).join(", ")}.` : `Did you mean ${nearest}?`;
  const message = `There is no field ${JSON.stringify(name.slice(0, 64))}. ${hint}`;
  faults.push({ code: "unknown_field", at, field: name, message, ...(nearest === null ? {} : { nearest }) });
  return null;
}

function withType(type: WithType["type"], name: string): WithType {
  return { type, told: `${name} (${type})`, family: type === "id" || type === "enum" ? "string" : type };
}
