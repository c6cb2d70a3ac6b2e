import { z } from "zod";

/** What one filter may cost. Every bound is checked before a filter is saved. */
export const FILTER_BOUNDS = {
  /** Expressions and calculations in one filter. */
  nodes: 64,
  /** Expressions and calculations within each other. */
  depth: 8,
  /** Parts of one `and` or `or`. */
  parts: 32,
  /** Values of one list. */
  listValues: 1_000,
  /** Characters of one text value. */
  textLength: 256,
  /** Characters of the canonical form. */
  canonicalLength: 16_384,
  /** Units of `costOf`; one is about 10 ns for each event. */
  cost: 200,
} as const;

export type Constant = string | number | boolean;

export type Calculation = "+" | "-" | "*" | "/" | "abs" | "min" | "max";

/** A value: of a field, a constant, of the reader (`me.id`, `me.name`), or calculated. */
export type Term =
  | { readonly f: string }
  | { readonly v: Constant }
  | { readonly p: "me.id" | "me.name" }
  | { readonly op: Calculation; readonly of: readonly Term[] };

export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
export type TextTest = "starts" | "ends" | "contains";

/** A filter as a tree. An atom over a missing value is unknown, and an unknown filter does not match. */
export type Expr =
  | { readonly op: "and" | "or"; readonly of: readonly Expr[] }
  | { readonly op: "not"; readonly of: Expr }
  | Atom;

export type Atom =
  | { readonly op: Comparison; readonly l: Term; readonly r: Term }
  | { readonly op: "in" | "nin"; readonly l: Term; readonly r: readonly Constant[] }
  | { readonly op: "has" | "hasnt"; readonly f: string }
  | { readonly op: TextTest; readonly l: Term; readonly r: string; readonly fold?: true | undefined }
  | { readonly op: "any" | "none"; readonly f: string; readonly r: readonly Constant[] };

const text = z
  .string()
  .max(FILTER_BOUNDS.textLength)
  .refine((value) => value.isWellFormed() && !value.includes("\0"), "must be well-formed Unicode without U+0000");
const constant = z.union([text, z.number(), z.boolean()]);
const constants = z.array(constant).min(1).max(FILTER_BOUNDS.listValues);
const field = z.string().min(1).max(128);

const term: z.ZodType<Term> = z.lazy(() =>
  z.union([
    z.strictObject({ f: field }),
    z.strictObject({ v: constant }),
    z.strictObject({ p: z.enum(["me.id", "me.name"]) }),
    z.strictObject({
      op: z.enum(["+", "-", "*", "/", "abs", "min", "max"]),
      of: z.array(term).min(1).max(FILTER_BOUNDS.parts),
    }),
  ]),
);

/** The JSON form of a filter. Check the depth first (`readExpr`): the schema calls itself. */
export const exprSchema: z.ZodType<Expr> = z.lazy(() =>
  z.discriminatedUnion("op", [
    z.strictObject({ op: z.enum(["and", "or"]), of: z.array(exprSchema).min(1).max(FILTER_BOUNDS.parts) }),
    z.strictObject({ op: z.literal("not"), of: exprSchema }),
    z.strictObject({ op: z.enum(["eq", "ne", "lt", "le", "gt", "ge"]), l: term, r: term }),
    z.strictObject({ op: z.enum(["in", "nin"]), l: term, r: constants }),
    z.strictObject({ op: z.enum(["has", "hasnt"]), f: field }),
    z.strictObject({ op: z.enum(["starts", "ends", "contains"]), l: term, r: text, fold: z.literal(true).optional() }),
    z.strictObject({ op: z.enum(["any", "none"]), f: field, r: constants }),
  ]),
);

/** The terms directly in an atom. */
export function termsOf(atom: Atom): readonly Term[] {
  switch (atom.op) {
    case "has":
    case "hasnt":
    case "any":
    case "none":
      return [{ f: atom.f }];
    case "in":
    case "nin":
    case "starts":
    case "ends":
    case "contains":
      return [atom.l];
    default:
      return [atom.l, atom.r];
  }
}

export function isConnective(expr: Expr): expr is { readonly op: "and" | "or"; readonly of: readonly Expr[] } {
  return expr.op === "and" || expr.op === "or";
}
