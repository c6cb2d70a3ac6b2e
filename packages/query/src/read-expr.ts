import type { Fault } from "./fault.ts";
import { type Expr, exprSchema, FILTER_BOUNDS } from "./tree.ts";

/** Reads the JSON form of a filter from outside. Bounds the depth before the schema, which calls itself, reads it. */
export function readExpr(json: unknown): { readonly expr: Expr } | { readonly faults: readonly Fault[] } {
  // Each level of the tree has an object and an array; a list of values adds one more.
  if (isDeeper(json, 2 * FILTER_BOUNDS.depth + 4)) return { faults: [tooDeep()] };
  const { success, data, error } = exprSchema.safeParse(json);
  if (success) return { expr: data };
  const [issue] = error.issues;
  return {
    faults: [
      {
        code: "bad_tree",
        at: pathText(issue?.path ?? []),
        message: `This part is not valid: ${issue?.message ?? "unknown"}.`,
      },
    ],
  };
}

export function tooDeep(): Fault {
  return {
    code: "too_large",
    at: "",
    message: `The filter is nested more than ${FILTER_BOUNDS.depth} levels deep. Split it into two filters.`,
  };
}

function isDeeper(json: unknown, levels: number): boolean {
  let layer: readonly unknown[] = [json];
  for (let level = 0; level < levels; level++) {
    layer = layer.flatMap((part) => (typeof part === "object" && part !== null ? Object.values(part) : []));
    if (layer.length === 0) return false;
  }
  return true;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}
