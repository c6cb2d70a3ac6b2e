import { isUuid, type RoomId, type UserId } from "@hubbub/protocol";
import { and, desc, eq, gte, inArray, lt, type SQL } from "drizzle-orm";
import { decodeMemberCursor } from "./cursor.ts";
import { type Database, type Handle, type Statement, single } from "./database.ts";
import { users } from "./schema.ts";
import { audit } from "./schema-audit.ts";
import type { Actor, Audit, AuditAct, AuditFilter, AuditRecord } from "./store-audit.ts";

/** How far the id of an entry and its time may be apart. */
const ID_MARGIN_MS = 60_000;
const V7_TIME_DIGITS = 12;

const EXPIRE: Statement = { name: "audit-expire", text: "select hubbub.audit_expire($1, $2) as deleted" };

/** Within the transaction of the act: both are committed, or neither is. */
export async function writeAudit(handle: Handle, act: AuditAct): Promise<void> {
  const { by, address, subject, room, note, act: name, seq, outcome, details } = act;
  const named = { actor: by, act: name, subjectId: subject, roomId: room, note: note === "" ? undefined : note };
  await handle.insert(audit).values({ ...named, seq, address, outcome, details });
}

/** A change by one statement, and, if that changed something, the entry of its act. Returns whether it did. */
export function audited(
  database: Database,
  act: AuditAct,
  change: (handle: Handle) => PromiseLike<readonly unknown[]>,
): Promise<boolean> {
  return database.transaction(async (handle) => {
    const changed = (await change(handle)).length > 0;
    if (changed) await writeAudit(handle, act);
    return changed;
  });
}

export function createAudit(database: Database): Audit {
  return {
    write: (act) => database.query((handle) => writeAudit(handle, act)),
    async list(filter, { cursor, limit }) {
      const before = cursor === undefined ? undefined : lt(audit.id, decodeMemberCursor(cursor));
      const rows = await database.query((handle) =>
        handle
          .select()
          .from(audit)
          .where(and(matches(filter), before))
          .orderBy(desc(audit.id))
          .limit(limit + 1),
      );
      const shown = rows.slice(0, limit);
      const names = await namesOf(database, shown);
      return {
        entries: shown.map((row) => toRecord(row, names)),
        cursor: rows.length > limit ? shown.at(-1)?.id : undefined,
      };
    },
    async expire(before, limit) {
      return single(await database.run<{ deleted: number }>(EXPIRE, [before, limit])).deleted;
    },
  };
}

/** The bounds of the id let the primary key find a time. */
function matches({ actor, subject, room, act, since, until }: AuditFilter): SQL | undefined {
  return and(
    actor === undefined ? undefined : eq(audit.actor, actor),
    subject === undefined ? undefined : eq(audit.subjectId, subject),
    room === undefined ? undefined : eq(audit.roomId, room),
    act === undefined ? undefined : eq(audit.act, act),
    since === undefined ? undefined : and(gte(audit.at, since), gte(audit.id, idAt(since.getTime() - ID_MARGIN_MS))),
    until === undefined ? undefined : and(lt(audit.at, until), lt(audit.id, idAt(until.getTime() + ID_MARGIN_MS))),
  );
}

/** The least UUID v7 of a time. */
function idAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(V7_TIME_DIGITS, "0").slice(-V7_TIME_DIGITS);
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

type Row = typeof audit.$inferSelect;

/** At most two names a row of a page. */
async function namesOf(database: Database, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ actor, subjectId }) => [
    ...(isUuid(actor) ? [actor] : []),
    ...(subjectId === null ? [] : [subjectId]),
  ]);
  if (ids.length === 0) return new Map();
  const { id, username } = users;
  const found = await database.query((handle) =>
    handle
      .select({ id, username })
      .from(users)
      .where(inArray(id, [...new Set(ids)])),
  );
  return new Map(found.map((user) => [user.id, user.username]));
}

function toRecord({ subjectId, roomId, actor, at, ...row }: Row, names: ReadonlyMap<string, string>): AuditRecord {
  return {
    ...row,
    at: at.getTime(),
    actor: actor as Actor,
    actorName: names.get(actor) ?? null,
    subject: subjectId as UserId | null,
    subjectName: names.get(subjectId ?? "") ?? null,
    room: roomId as RoomId | null,
  };
}
