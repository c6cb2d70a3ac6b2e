import { calculate, compare, testText } from "./calculate.ts";
import type { Canonical } from "./canonical.ts";
import { type Atom, type Comparison, type Constant, isConnective, type Term, type TextTest } from "./tree.ts";
import { isTextTest } from "./without-not.ts";

export type Value = Constant | readonly string[];

/**
 * An event as a filter sees it: values by the names of the field table, without a prototype (`Object.create(null)`). A missing value is
 * absent or undefined, never null. The caller has checked the types.
 */
export type Row = Readonly<Record<string, Value | undefined>>;

export type Predicate = (row: Row) => boolean;

type Read = (row: Row) => Value | undefined;

/** Makes a function of a canonical filter. It allocates nothing for an event, but for calculations and lower case. */
export function compile(filter: Canonical): Predicate {
  if (typeof filter === "boolean") return () => filter;
  if (isConnective(filter)) return (filter.op === "and" ? every : some)(filter.of.map(compile));
  if (filter.op === "not") return compileNot(filter.of);
  return compileAtom(filter);
}

/** Only text tests have a `not` in the canonical form; a missing text does not match it either. */
function compileNot(inner: Canonical): Predicate {
  if (typeof inner === "boolean" || !isTextTest(inner)) throw new TypeError("compile takes a canonical filter");
  const read = compileTerm(inner.l);
  const test = compileAtom(inner);
  return (row) => read(row) !== undefined && !test(row);
}

function every([a, b, ...rest]: readonly Predicate[]): Predicate {
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  const pair: Predicate = (row) => a(row) && b(row);
  return rest.length === 0 ? pair : every([pair, ...rest]);
}

function some([a, b, ...rest]: readonly Predicate[]): Predicate {
  if (a === undefined) return () => false;
  if (b === undefined) return a;
  const pair: Predicate = (row) => a(row) || b(row);
  return rest.length === 0 ? pair : some([pair, ...rest]);
}

function compileAtom(atom: Atom): Predicate {
  switch (atom.op) {
    case "has":
      return (row) => row[atom.f] !== undefined;
    case "hasnt":
      return (row) => row[atom.f] === undefined;
    case "any":
    case "none":
      return compileList(atom.f, new Set(atom.r), atom.op === "any");
    case "in":
    case "nin":
      return compileIn(compileTerm(atom.l), new Set(atom.r), atom.op === "in");
    case "starts":
    case "ends":
    case "contains":
      return compileText(atom);
    default:
      return compileComparison(atom.op, atom.l, atom.r);
  }
}

function compileList(field: string, values: ReadonlySet<Constant>, wanted: boolean): Predicate {
  return (row) => {
    const list = row[field];
    return typeof list === "object" && list.some((value) => values.has(value)) === wanted;
  };
}

function compileIn(read: Read, values: ReadonlySet<Constant>, wanted: boolean): Predicate {
  return (row) => {
    const value = read(row);
    return value !== undefined && values.has(value as Constant) === wanted;
  };
}

function compileText({ op, l, r, fold }: Extract<Atom, { readonly op: TextTest }>): Predicate {
  const read = compileTerm(l);
  return (row) => {
    const value = read(row);
    return typeof value === "string" && testText(op, fold ? value.toLowerCase() : value, r);
  };
}

function compileComparison(op: Comparison, l: Term, r: Term): Predicate {
  if ("f" in l && "v" in r) return compareField(op, l.f, r.v);
  const left = compileTerm(l);
  const right = compileTerm(r);
  return (row) => {
    const a = left(row) as Constant | undefined;
    const b = right(row) as Constant | undefined;
    return a !== undefined && b !== undefined && compare(op, a, b);
  };
}

/** The form that most filters consist of, each without a call in it. A comparison with undefined is false by itself, but for `ne`. */
function compareField(op: Comparison, field: string, value: Constant): Predicate {
  switch (op) {
    case "eq":
      return (row) => row[field] === value;
    case "ne":
      return (row) => {
        const own = row[field];
        return own !== undefined && own !== value;
      };
    case "lt":
      return (row) => (row[field] as Constant) < value;
    case "le":
      return (row) => (row[field] as Constant) <= value;
    case "gt":
      return (row) => (row[field] as Constant) > value;
    case "ge":
      return (row) => (row[field] as Constant) >= value;
  }
}

function compileTerm(term: Term): Read {
  if ("f" in term) return (row) => row[term.f];
  if ("v" in term) return () => term.v;
  if ("p" in term) throw new TypeError("compile takes a filter that is bound to its reader");
  const parts = term.of.map(compileTerm);
  return (row) => {
    const values: number[] = [];
    for (const part of parts) {
      const value = part(row);
      if (typeof value !== "number") return undefined;
      values.push(value);
    }
    return calculate(term.op, values);
  };
}
