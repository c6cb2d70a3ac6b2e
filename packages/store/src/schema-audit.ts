import { sql } from "drizzle-orm";
import { index, jsonb, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

/**
 * Acts of power and of security. Rows are only added: triggers of the migration refuse everything else but the functions
 * `audit_expire` and `audit_forget`. No foreign keys: a row outlives what it names.
 */
export const audit = hubbub.table(
  "audit",
  {
    /** A UUID v7 by the clock of the database: the order of time. */
    id: uuid("id").primaryKey().default(sql`hubbub.audit_id()`),
    at: instant("at").notNull().default(sql`clock_timestamp()`),
    /** The id of a user, or `operator`, `system`, `unknown`. */
    actor: text("actor").notNull(),
    act: text("act").notNull(),
    subjectId: uuid("subject_id"),
    roomId: uuid("room_id"),
    seq: seqColumn("seq"),
    /** Of the actor's client. Emptied when the actor is erased. */
    address: text("address"),
    outcome: text("outcome", { enum: ["done", "refused"] })
      .notNull()
      .default("done"),
    /** Ids, roles, numbers, codes. Free text goes to `note`. */
    details: jsonb("details").$type<Readonly<Record<string, unknown>>>(),
    /** What a person typed, such as the reason of a ban. Emptied when actor or subject is erased. */
    note: text("note"),
  },
  (table) => [
    index("audit_room_idx").on(table.roomId, table.id).where(sql`${table.roomId} is not null`),
    index("audit_actor_idx").on(table.actor, table.id),
    index("audit_subject_idx").on(table.subjectId, table.id).where(sql`${table.subjectId} is not null`),
  ],
);
