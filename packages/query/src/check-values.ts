import type { Fault } from "./fault.ts";
import { type FieldType, nearestName } from "./field-table.ts";
import type { Constant } from "./tree.ts";

/** A term with its type. */
export interface WithType {
  readonly type: FieldType;
  /** Values with the same family may be compared. */
  readonly family: string;
  /** How a fault names the term. */
  readonly told: string;
  /** The values of an enum. */
  readonly values?: readonly string[] | undefined;
}

/** The fault of constants beside a term: each must have the type of the term, and be a value of its enum. */
export function typeFaultOf(term: WithType | null, constants: readonly Constant[], at: string): Fault | null {
  if (term === null) return null;
  if (term.type === "list") return listFaultOf(term, at);
  const wrong = constants.find((value) => typeof value !== kindOf(term.type));
  if (wrong !== undefined)
    return {
      code: "wrong_type",
      at,
      message: `${term.told} cannot be compared with ${JSON.stringify(wrong)} (${typeof wrong}).`,
    };
  const { values } = term;
  const strange = values === undefined ? undefined : constants.find((value) => !values.includes(String(value)));
  if (values === undefined || strange === undefined) return null;
  const nearest = nearestName(String(strange), values);
  const hint =
    nearest === null ? `Its values are ${values.slice(0, 10).join(", ")}.` : `Did you mean ${JSON.stringify(nearest)}?`;
  const message = `${term.told} is never ${JSON.stringify(strange)}. ${hint}`;
  return { code: "not_in_enum", at, message, ...(nearest === null ? {} : { nearest }) };
}

/** A list stands where a single value is needed. */
export function listFaultOf({ told }: WithType, at: string): Fault {
  const name = told.split(" ", 1).join("");
  return { code: "wrong_type", at, message: `${told} has many values. Use any(${name}, ["…"]).` };
}

function kindOf(type: FieldType): "string" | "number" | "boolean" {
  if (type === "number" || type === "time") return "number";
  return type === "boolean" ? "boolean" : "string";
}
