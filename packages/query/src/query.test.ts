import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { someFilter, someRow, TRADES } from "../test/filters.ts";
import { calculate, compare, testText } from "./calculate.ts";
import {
  canonicalOf,
  canonicalText,
  checkFilter,
  compile,
  createPredicateIndex,
  type Expr,
  fieldTable,
  parseFilter,
  printFilter,
  type Row,
  readExpr,
  type Term,
} from "./index.ts";
import { isConnective, termsOf } from "./tree.ts";

const RUNS = { numRuns: 2_000 };

/** Three-valued logic as the definition has it: undefined is unknown. */
function outcome(expr: Expr, row: Row): boolean | undefined {
  if (expr.op === "not") {
    const inner = outcome(expr.of, row);
    return inner === undefined ? undefined : !inner;
  }
  if (isConnective(expr)) {
    const decides = expr.op === "or";
    const parts = expr.of.map((part) => outcome(part, row));
    if (parts.includes(decides)) return decides;
    return parts.includes(undefined) ? undefined : !decides;
  }
  if (expr.op === "has" || expr.op === "hasnt") return (row[expr.f] !== undefined) === (expr.op === "has");
  const [l, r] = termsOf(expr).map((term) => termValue(term, row));
  if (l === undefined) return undefined;
  switch (expr.op) {
    case "any":
    case "none":
      return expr.r.some((value) => (l as readonly unknown[]).includes(value)) === (expr.op === "any");
    case "in":
    case "nin":
      return expr.r.some((value) => value === l) === (expr.op === "in");
    case "starts":
    case "ends":
    case "contains":
      return expr.fold
        ? testText(expr.op, String(l).toLowerCase(), expr.r.toLowerCase())
        : testText(expr.op, String(l), expr.r);
    default:
      return r === undefined ? undefined : compare(expr.op, l as number, r as number);
  }
}

function termValue(term: Term, row: Row): unknown {
  if ("f" in term) return row[term.f];
  if ("v" in term) return term.v;
  if ("p" in term) throw new TypeError("the filters of this test have no reader");
  const values = term.of.map((part) => termValue(part, row));
  return values.includes(undefined) ? undefined : calculate(term.op, values as number[]);
}

test("a compiled filter matches when three-valued logic makes it true, and not when it is false or unknown", () => {
  fc.assert(
    fc.property(someFilter(), fc.array(someRow, { minLength: 5, maxLength: 20 }), (filter, rows) => {
      const matches = compile(canonicalOf(filter));
      for (const row of rows) expect(matches(row)).toBe(outcome(filter, row) === true);
    }),
    RUNS,
  );
});

test("the text form means in CEL what it means here", () => {
  const cel = celEnvironment();
  fc.assert(
    fc.property(
      someFilter({ withDivision: false }),
      fc.array(someRow, { minLength: 3, maxLength: 6 }),
      (filter, rows) => {
        const evaluate = cel.parse(printFilter(underRecord(filter), recordFields()));
        const matches = compile(canonicalOf(filter));
        for (const row of rows) expect(matches(row)).toBe(isTrueInCel(evaluate, row));
      },
    ),
    { numRuns: 500 },
  );
});

test("the text form is read back as the same filter", () => {
  fc.assert(
    fc.property(someFilter(), (filter) => {
      const parsed = parseFilter(printFilter(canonicalOf(filter), TRADES));
      if (canonicalOf(filter) === true || canonicalOf(filter) === false) return;
      if ("fault" in parsed) throw new Error(parsed.fault.message);
      expect(canonicalText(canonicalOf(parsed.expr))).toBe(canonicalText(canonicalOf(filter)));
    }),
    RUNS,
  );
});

test("the canonical form of a canonical form is itself, and the check accepts what it accepted before", () => {
  fc.assert(
    fc.property(someFilter(), (filter) => {
      const canonical = canonicalOf(filter);
      if (typeof canonical === "boolean") return;
      expect(canonicalText(canonicalOf(canonical))).toBe(canonicalText(canonical));
      expect(readExpr(JSON.parse(JSON.stringify(filter)))).toEqual({ expr: filter });
      expect(checkFilter(filter, TRADES).filter(({ code }) => code !== "too_large")).toEqual([]);
    }),
    RUNS,
  );
});

test("the index finds the filters that match one by one, also after some of them are replaced or deleted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9), fc.option(someFilter())), { maxLength: 30 }),
      fc.array(someRow),
      (changes, rows) => {
        const index = createPredicateIndex<number>();
        const filters = new Map<number, Expr>();
        for (const [key, filter] of changes) {
          if (filter === null) filters.delete(key);
          else filters.set(key, filter);
          if (filter === null) index.delete(key);
          else index.set(key, canonicalOf(filter));
        }
        expect(index.size).toBe(filters.size);
        for (const row of rows) {
          const found: number[] = [];
          index.match(row, (key) => found.push(key));
          const expected = [...filters].filter(([, filter]) => outcome(filter, row) === true).map(([key]) => key);
          expect(found.sort()).toEqual(expected.sort());
        }
      },
    ),
    { numRuns: 500 },
  );
});

function celEnvironment(): Environment {
  return new Environment({ unlistedVariablesAreDyn: true })
    .registerFunction("lower(string): string", (text: string) => text.toLowerCase())
    .registerFunction("abs(double): double", Math.abs)
    .registerFunction("min(double, double): double", Math.min)
    .registerFunction("min(double, double, double): double", Math.min)
    .registerFunction("max(double, double): double", Math.max)
    .registerFunction("max(double, double, double): double", Math.max)
    .registerFunction("any(list, list): bool", (a: unknown[], b: unknown[]) => b.some((value) => a.includes(value)))
    .registerFunction("none(list, list): bool", (a: unknown[], b: unknown[]) => !b.some((value) => a.includes(value)));
}

/** CEL needs a record for `has`: the fields become `r.symbol`. */
function underRecord(filter: Expr): Expr {
  return JSON.parse(JSON.stringify(filter), (key, value: unknown) =>
    key === "f" ? `r.${String(value)}` : value,
  ) as Expr;
}

function recordFields() {
  return fieldTable(Object.fromEntries([...TRADES].map(([name, field]) => [`r.${name}`, field])));
}

function isTrueInCel(evaluate: (context: Record<string, unknown>) => unknown, row: Row): boolean {
  const { "book.qty": qty, at, ...rest } = row;
  const book = qty === undefined ? {} : { qty };
  const time = typeof at === "number" ? { at: new Date(at) } : {};
  try {
    return evaluate({ r: { ...rest, ...time, book } }) === true;
  } catch {
    return false;
  }
}
