import type { Canonical } from "./canonical.ts";
import { compile, type Predicate, type Row } from "./compile.ts";
import type { Constant, Expr } from "./tree.ts";

/** Filters of one source. Finds those that match an event without asking each of them. */
export interface PredicateIndex<Key> {
  /** Adds a filter, or replaces that of the same key. */
  set(key: Key, filter: Canonical): void;
  delete(key: Key): void;
  /** Calls `found` for the key of each filter that matches, in no particular order. */
  match(row: Row, found: (key: Key) => void): void;
  readonly size: number;
}

interface Entry<Key> {
  readonly key: Key;
  /** What the event must have besides the value that the entry is found by. */
  readonly rest: Predicate;
  /** Every set that the entry is in, and how to leave it. */
  readonly leave: () => void;
}

/** What a filter needs of an event, and can be looked up by. */
interface Access {
  readonly field: string;
  readonly values: readonly Constant[];
  readonly rest: Canonical;
}

type Buckets<Key> = Map<string, Map<Constant, Set<Entry<Key>>>>;

/**
 * An index by equality. A filter `field == value && …` is in the bucket of its value; one with `field in [...]` is in several; others are
 * in a list that every event reads. A match costs one look-up for each indexed field, and the rest of the filters found.
 */
export function createPredicateIndex<Key>(): PredicateIndex<Key> {
  const buckets: Buckets<Key> = new Map();
  const others = new Set<Entry<Key>>();
  const byKey = new Map<Key, Entry<Key>>();

  function remove(key: Key): void {
    byKey.get(key)?.leave();
    byKey.delete(key);
  }

  return {
    set(key, filter) {
      remove(key);
      const access = accessOf(filter);
      const rest = compile(access?.rest ?? filter);
      const leave = () => (access === null ? others.delete(entry) : leaveBuckets(buckets, access, entry));
      const entry: Entry<Key> = { key, rest, leave };
      byKey.set(key, entry);
      if (access === null) others.add(entry);
      else joinBuckets(buckets, access, entry);
    },
    delete: remove,
    match(row, found) {
      for (const [field, byValue] of buckets) {
        const entries = byValue.get(row[field] as Constant);
        if (entries !== undefined) for (const { key, rest } of entries) if (rest(row)) found(key);
      }
      for (const { key, rest } of others) if (rest(row)) found(key);
    },
    get size() {
      return byKey.size;
    },
  };
}

function joinBuckets<Key>(buckets: Buckets<Key>, { field, values }: Access, entry: Entry<Key>): void {
  const byValue = buckets.get(field) ?? new Map<Constant, Set<Entry<Key>>>();
  buckets.set(field, byValue);
  for (const value of values) {
    const entries = byValue.get(value) ?? new Set();
    byValue.set(value, entries.add(entry));
  }
}

function leaveBuckets<Key>(buckets: Buckets<Key>, { field, values }: Access, entry: Entry<Key>): void {
  const byValue = buckets.get(field);
  for (const value of values) {
    const entries = byValue?.get(value);
    entries?.delete(entry);
    if (entries?.size === 0) byValue?.delete(value);
  }
  if (byValue?.size === 0) buckets.delete(field);
}

/** The part of a conjunction that leaves the fewest events: an equality before a list, a text or number before a boolean. */
function accessOf(filter: Canonical): Access | null {
  if (typeof filter === "boolean") return null;
  const parts = filter.op === "and" ? filter.of : [filter];
  const ranked = parts
    .flatMap((part) => {
      const found = equalityOf(part);
      return found === null
        ? []
        : [{ ...found, part, rank: found.values.length + (typeof found.values[0] === "boolean" ? 8 : 0) }];
    })
    .sort((a, b) => a.rank - b.rank);
  const [best] = ranked;
  if (best === undefined) return null;
  const [only, ...more] = parts.filter((part) => part !== best.part);
  return {
    field: best.field,
    values: best.values,
    rest: only === undefined ? true : more.length === 0 ? only : { op: "and", of: [only, ...more] },
  };
}

function equalityOf(part: Expr): { readonly field: string; readonly values: readonly Constant[] } | null {
  if (part.op === "eq" && "f" in part.l && "v" in part.r) return { field: part.l.f, values: [part.r.v] };
  return part.op === "in" && "f" in part.l ? { field: part.l.f, values: part.r } : null;
}
