import { canonicalAtom, canonicalIn } from "./canonical-atom.ts";
import { type Constant, type Expr, isConnective, type Term } from "./tree.ts";
import { withoutNot } from "./without-not.ts";

/** A filter in its one form; a boolean when the outcome does not depend on the event. */
export type Canonical = Expr | boolean;

/**
 * The one form of a filter. Filters that differ in order, nesting, doubled parts, negation or constants that can be calculated have the
 * same form, so that they share a room. Filters with equal outcomes may still differ: `a > 1 && a > 2` is not `a > 2`.
 */
export function canonicalOf(expr: Expr): Canonical {
  return simplify(withoutNot(expr));
}

/** The text of a canonical form: equal for equal forms. */
export function canonicalText(filter: Canonical): string {
  return JSON.stringify(filter);
}

function simplify(expr: Expr): Canonical {
  if (isConnective(expr)) return simplifyConnective(expr.op, expr.of.map(simplify));
  if (expr.op !== "not") return canonicalAtom(expr);
  const inner = simplify(expr.of);
  return typeof inner === "boolean" ? !inner : { op: "not", of: inner };
}

function simplifyConnective(op: "and" | "or", parts: readonly Canonical[]): Canonical {
  const decides = op === "or";
  const flat = parts.flatMap((part): readonly Canonical[] =>
    typeof part !== "boolean" && isConnective(part) && part.op === op ? part.of : [part],
  );
  if (flat.includes(decides)) return decides;
  const merged = mergeEqualities(
    op,
    flat.filter((part) => typeof part !== "boolean"),
  );
  const byText = new Map(merged.map((part) => [JSON.stringify(part), part]));
  const of = [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
  const [first] = of;
  if (first === undefined) return !decides;
  return of.length === 1 ? first : { op, of };
}

/** `a == 1 || a == 2` becomes `a in [1, 2]`, and `a != 1 && a != 2` becomes `!(a in [1, 2])`. */
function mergeEqualities(op: "and" | "or", parts: readonly Expr[]): readonly Expr[] {
  const kind = op === "or" ? "in" : "nin";
  const groups = new Map<string, { readonly l: Term; readonly values: Constant[] }>();
  const others = parts.filter((part) => {
    const listed = asList(part, kind);
    if (listed === null) return true;
    const key = JSON.stringify(listed.l);
    const group = groups.get(key) ?? { l: listed.l, values: [] };
    groups.set(key, group);
    group.values.push(...listed.values);
    return false;
  });
  const lists = [...groups.values()].map(({ l, values }) => canonicalIn(kind, l, values));
  return [...others, ...lists.filter((part) => typeof part !== "boolean")];
}

function asList(part: Expr, kind: "in" | "nin"): { readonly l: Term; readonly values: readonly Constant[] } | null {
  if (part.op === kind) return { l: part.l, values: part.r };
  if (part.op !== (kind === "in" ? "eq" : "ne") || !("v" in part.r)) return null;
  return { l: part.l, values: [part.r.v] };
}
