import { maskAddress, maskMails } from "@hubbub/runtime";
import type { Row } from "./output.ts";

/** Fields of lists that hold the address of a client. */
const ADDRESSES = new Set(["address", "from"]);

/** A row without what identifies people beyond their names: e-mail addresses, also within texts, and addresses of clients. */
export function masked(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, maskedValue(name, value)]));
}

function maskedValue(name: string, value: unknown): unknown {
  if (typeof value === "string") return ADDRESSES.has(name) ? maskAddress(value) : maskMails(value);
  if (Array.isArray(value)) return value.map((one) => maskedValue(name, one));
  const isRecord = typeof value === "object" && value !== null && !(value instanceof Date);
  return isRecord ? masked(value as Row) : value;
}
