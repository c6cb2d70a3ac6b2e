import { type CheckContext, checkAtom } from "./check-atom.ts";
import { costOf, sizeOf } from "./cost.ts";
import { type Fault, placeIn } from "./fault.ts";
import type { FieldTable } from "./field-table.ts";
import { tooDeep } from "./read-expr.ts";
import { type Expr, FILTER_BOUNDS, isConnective } from "./tree.ts";

/**
 * Checks a filter against the fields of its source: types, names and cost.
 * @returns the faults, in the order of the tree; none when the filter may be saved.
 */
export function checkFilter(expr: Expr, fields: FieldTable): readonly Fault[] {
  const { nodes, depth } = sizeOf(expr);
  if (depth > FILTER_BOUNDS.depth) return [tooDeep()];
  if (nodes > FILTER_BOUNDS.nodes)
    return [large(`The filter has ${nodes} parts; ${FILTER_BOUNDS.nodes} are allowed. Split it into two filters.`)];
  const context: CheckContext = { fields, faults: [] };
  checkExpr(expr, "", context);
  const cost = costOf(expr);
  if (context.faults.length === 0 && cost > FILTER_BOUNDS.cost)
    return [
      {
        code: "too_costly",
        at: "",
        message: `The filter costs ${cost} units for each event; ${FILTER_BOUNDS.cost} are allowed.`,
      },
    ];
  return context.faults;
}

function large(message: string): Fault {
  return { code: "too_large", at: "", message };
}

function checkExpr(expr: Expr, at: string, context: CheckContext): void {
  if (isConnective(expr)) {
    for (const [index, part] of expr.of.entries()) checkExpr(part, placeIn(at, `of[${index}]`), context);
  } else if (expr.op === "not") checkExpr(expr.of, placeIn(at, "of"), context);
  else checkAtom(expr, at, context);
}
