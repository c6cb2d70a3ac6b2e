import { createHash } from "node:crypto";
import { derivedRoomId, ProtocolError, type PublicUser, type RoomId } from "@hubbub/protocol";
import {
  bindReader,
  canonicalOf,
  canonicalText,
  checkFilter,
  costOf,
  type Expr,
  type Fault,
  type FieldTable,
  MESSAGE_FIELDS,
  parseFilter,
  printFilter,
  readExpr,
  recordFields,
} from "@hubbub/query";
import type { RoomModel } from "@hubbub/store";

/** A filter that can be used. */
export interface UsableFilter {
  readonly where: string;
  readonly cost: number;
  /** Canonical: the tree, or a boolean. */
  readonly filter: unknown;
  readonly text: string;
}

/** What can be filtered in a room: its records, or its messages if it takes none. */
export function fieldsOf(model: RoomModel | null): FieldTable {
  return model === null ? MESSAGE_FIELDS : recordFields(model.fields as Parameters<typeof recordFields>[0]);
}

/** What a record of the room may have. @throws RangeError when a name cannot be used */
export function modelFields(model: RoomModel): FieldTable {
  const own = new Set(Object.keys(model.fields));
  return new Map([...fieldsOf(model)].filter(([name]) => own.has(name)));
}

/** Reads, checks and canonicalises a filter. */
export function readFilter(
  where: unknown,
  fields: FieldTable,
  reader: PublicUser,
): { readonly faults: readonly Fault[] } | UsableFilter {
  const read = typeof where === "string" ? readText(where, fields) : readTree(where, fields);
  if ("faults" in read) return read;
  const filter = canonicalOf(bindReader(read.expr, { id: reader.id, name: reader.username }));
  const text = canonicalText(filter);
  return { where: printFilter(filter, fields), cost: typeof filter === "boolean" ? 0 : costOf(filter), filter, text };
}

type Read = { readonly faults: readonly Fault[] } | { readonly expr: Expr };

function readText(where: string, fields: FieldTable): Read {
  const parsed = parseFilter(where);
  if ("fault" in parsed) return { faults: [parsed.fault] };
  const faults = checkFilter(parsed.expr, fields);
  if (faults.length === 0) return { expr: parsed.expr };
  return { faults: faults.map((fault) => ({ ...fault, column: parsed.columnAt(fault.at) })) };
}

function readTree(where: unknown, fields: FieldTable): Read {
  const read = readExpr(where);
  if ("faults" in read) return read;
  const faults = checkFilter(read.expr, fields);
  return faults.length === 0 ? read : { faults };
}

/** As `readFilter`. @throws ProtocolError filter_type, too_costly */
export function requireFilter(where: unknown, fields: FieldTable, reader: PublicUser): UsableFilter {
  const read = readFilter(where, fields, reader);
  if (!("faults" in read)) return read;
  const [fault] = read.faults;
  throw new ProtocolError(fault?.code === "too_costly" ? "too_costly" : "filter_type", fault?.message);
}

/** The identity of a standing query: equal filters of different users have one derived room. */
export function identityOf(source: RoomId, version: number, text: string): { hash: string; room: RoomId } {
  const hash = createHash("sha256")
    .update(JSON.stringify([source, version, text]))
    .digest("hex");
  return { hash, room: derivedRoomId(hash) };
}
