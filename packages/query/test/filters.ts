import fc from "fast-check";
import { type Expr, fieldTable, type Row, type Term } from "../src/index.ts";

/** The fields of a made-up feed of trades. */
export const TRADES = fieldTable({
  symbol: { type: "string" },
  side: { type: "enum", values: ["buy", "sell"] },
  price: { type: "number" },
  "book.qty": { type: "number" },
  at: { type: "time" },
  hot: { type: "boolean" },
  note: { type: "string" },
  owner: { type: "id" },
  tags: { type: "list" },
});

const someText = fc.constantFrom("", "a", "B", "ab", "AB", "BTC", 'quo"te', "back\\slash", "ünïcode", "new\nline");
/** Never whole: the text form then has a decimal point, which CEL wants of a double. */
const someNumber = fc.integer({ min: -3, max: 3 }).map((value) => value + 0.5);
const someTime = fc.integer({ min: 0, max: 3 }).map((day) => Date.UTC(2026, 0, 1 + day));
const constants: Record<string, fc.Arbitrary<string | number | boolean>> = {
  symbol: someText,
  side: fc.constantFrom("buy", "sell"),
  price: someNumber,
  "book.qty": someNumber,
  at: someTime,
  hot: fc.boolean(),
  note: someText,
  owner: someText,
};

/** An event of the feed; each field may be missing. */
export const someRow: fc.Arbitrary<Row> = fc
  .record({ ...constants, tags: fc.array(someText, { maxLength: 3 }) }, { requiredKeys: [], noNullPrototype: false })
  .map((row) => Object.assign(Object.create(null) as Row, row));

const texts = fc.constantFrom("symbol", "side", "note", "owner").map((f) => ({ f }));
const numbers = fc.constantFrom("price", "book.qty").map((f) => ({ f }));

function someCalculation(withDivision: boolean): fc.Arbitrary<Term> {
  const leaf: fc.Arbitrary<Term> = fc.oneof(
    numbers,
    someNumber.map((v) => ({ v })),
  );
  const op = withDivision ? fc.constantFrom("+", "-", "*", "/") : fc.constantFrom("+", "-", "*");
  const pair = fc.tuple(leaf, leaf);
  return fc.oneof(
    leaf,
    fc.record({ op: op as fc.Arbitrary<"+" | "-" | "*" | "/">, of: pair }),
    fc.record({ op: fc.constant("abs" as const), of: fc.tuple(leaf) }),
    fc.record({
      op: fc.constantFrom("min" as const, "max" as const),
      of: fc.array(leaf, { minLength: 2, maxLength: 3 }),
    }),
  );
}

function someAtom(withDivision: boolean): fc.Arbitrary<Expr> {
  const any = fc.constantFrom(...Object.entries(constants));
  const equality = fc.constantFrom("eq" as const, "ne" as const);
  const order = fc.constantFrom("lt" as const, "le" as const, "gt" as const, "ge" as const);
  const calculation = someCalculation(withDivision);
  return fc.oneof(
    any.chain(([f, value]) => fc.record({ op: equality, l: fc.constant({ f }), r: value.map((v) => ({ v })) })),
    any.chain(([f, value]) =>
      fc.record({
        op: fc.constantFrom("in" as const, "nin" as const),
        l: fc.constant({ f }),
        r: fc.array(value, { minLength: 1, maxLength: 3 }),
      }),
    ),
    fc.record({ op: fc.oneof(equality, order), l: calculation, r: calculation }),
    fc.record({ op: order, l: fc.constant({ f: "at" }), r: someTime.map((v) => ({ v })) }),
    fc.record({ op: equality, l: texts, r: texts }),
    fc.record({ op: fc.constantFrom("has" as const, "hasnt" as const), f: fc.constantFrom(...TRADES.keys()) }),
    fc.record({
      op: fc.constantFrom("any" as const, "none" as const),
      f: fc.constant("tags"),
      r: fc.array(someText, { minLength: 1, maxLength: 2 }),
    }),
    fc.record(
      {
        op: fc.constantFrom("starts" as const, "ends" as const, "contains" as const),
        l: texts,
        r: someText,
        fold: fc.constant(true as const),
      },
      { requiredKeys: ["op", "l", "r"] },
    ),
  );
}

/** A filter that the check accepts. CEL divides by zero in its own way, so its oracle leaves division out. */
export function someFilter({ withDivision = true } = {}): fc.Arbitrary<Expr> {
  return fc.letrec<{ expr: Expr }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      someAtom(withDivision),
      fc.record({
        op: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("expr"), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ op: fc.constant("not" as const), of: tie("expr") }),
    ),
  })).expr;
}
