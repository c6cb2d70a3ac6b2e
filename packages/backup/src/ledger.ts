import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Objects } from "@hubbub/files";
import type { UserId } from "@hubbub/protocol";
import type { AuditActName, AuditRecord, Store } from "@hubbub/store";
import { z } from "zod";
import { namesBelow } from "./content.ts";

/** Acts that take something away from somebody, and those that give it back. */
const ACTS = [
  "member_remove",
  "member_ban",
  "member_unban",
  "role_set",
  "account_suspend",
  "account_unsuspend",
  "server_role_set",
  "token_revoke",
  "room_delete",
  "room_reopen",
] as const satisfies readonly AuditActName[];

const LEDGERS = "ledger/";
const PAGE = 1_000;
/** Each ledger contains all earlier ones. */
const LEDGERS_KEPT = 3;

const erasure = z.object({ erased: z.uuid(), at: z.iso.datetime() });
const act = z.object({
  act: z.enum(ACTS),
  at: z.iso.datetime(),
  by: z.string(),
  subject: z.uuid().nullable(),
  room: z.uuid().nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
  note: z.string().nullable(),
});
const entry = z.union([erasure, act]);
export type LedgerAct = z.infer<typeof act>;
export type LedgerEntry = z.infer<typeof entry>;

/** A line of a ledger cannot be read; the message says which. */
export class BadLedger extends Error {
  override readonly name = "BadLedger";
}

const ledgersOf = (cluster: string): string => `${LEDGERS}${cluster}/`;
/** `id`: of the backup that it was kept with, so that the last name is the newest one. */
export const ledgerName = (cluster: string, id: string, suffix: string): string =>
  `${ledgersOf(cluster)}${id}.ndjson.gz${suffix}`;

/** Everything of this kind that the store knows, an object a line. */
export async function* ledgerLines(store: Pick<Store, "erasures" | "audit">): AsyncGenerator<Uint8Array> {
  for await (const { user, requestedAt } of erasuresOf(store))
    yield line({ erased: user, at: requestedAt.toISOString() });
  for (const name of ACTS) for await (const record of actsOf(store, name)) yield line(toAct(name, record));
}

async function* erasuresOf({ erasures }: Pick<Store, "erasures">) {
  let after: UserId | null = null;
  for (;;) {
    const page = await erasures.ledger(after, PAGE);
    yield* page;
    after = page.at(-1)?.user ?? null;
    if (page.length < PAGE) return;
  }
}

async function* actsOf({ audit }: Pick<Store, "audit">, name: AuditActName): AsyncGenerator<AuditRecord> {
  let cursor: string | undefined;
  do {
    const page = await audit.list({ act: name }, { cursor, limit: PAGE });
    for (const record of page.entries) if (record.outcome === "done") yield record;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function toAct(name: (typeof ACTS)[number], { at, actor, subject, room, details, note }: AuditRecord): LedgerEntry {
  return {
    act: name,
    at: new Date(at).toISOString(),
    by: actor,
    subject,
    room,
    details: details && { ...details },
    note,
  };
}

function line(value: LedgerEntry): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** @throws BadLedger */
export async function readLedger(chunks: AsyncIterable<Uint8Array>): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  const lines = createInterface({ input: Readable.from(chunks), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const text of lines) {
    number += 1;
    if (text.trim() === "") continue;
    const parsed = entry.safeParse(parsedJson(text));
    if (!parsed.success) throw new BadLedger(`line ${number} of the ledger is no entry of one`);
    entries.push(parsed.data);
  }
  return entries;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The newest ledger that a target has of a cluster; null: it has none. */
export async function newestLedger(objects: Objects, cluster: string): Promise<string | null> {
  const names = [...(await namesBelow(objects, ledgersOf(cluster))).keys()].sort();
  return names.at(-1) ?? null;
}

export async function retainLedgers(objects: Objects, cluster: string): Promise<void> {
  const names = [...(await namesBelow(objects, ledgersOf(cluster))).keys()].sort();
  for (const name of names.slice(0, -LEDGERS_KEPT)) await objects.remove(name);
}
