import { sql } from "drizzle-orm";
import { bigint, index, integer, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant } from "./schema-base.ts";

/** Exports of what users have here. No foreign key to users: the archive in the storage has to go as well. */
export const exports = hubbub.table(
  "exports",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    state: text("state", { enum: ["queued", "running", "done", "failed", "expired"] })
      .notNull()
      .default("queued"),
    requestedAt: instant("requested_at").notNull().defaultNow(),
    doneAt: instant("done_at"),
    /** Of the archive. */
    expiresAt: instant("expires_at"),
    /** Of the archive in the storage. null: there is none, or none yet. */
    hash: text("hash"),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    partsDone: integer("parts_done").notNull().default(0),
    partsTotal: integer("parts_total").notNull().default(0),
    /** Why it failed. */
    reason: text("reason"),
    /** How often a process has begun it. */
    attempts: integer("attempts").notNull().default(0),
    /** The process that works on it, until the lease ends. Without an owner: nobody takes it before the lease ends. */
    owner: text("owner"),
    leasedUntil: instant("leased_until"),
  },
  (table) => [
    uniqueIndex("exports_open_key").on(table.userId).where(sql`${table.state} in ('queued', 'running')`),
    index("exports_user_idx").on(table.userId, table.requestedAt),
    index("exports_open_idx").on(table.requestedAt).where(sql`${table.state} in ('queued', 'running')`),
    index("exports_content_idx").on(table.expiresAt).where(sql`${table.hash} is not null`),
  ],
);
