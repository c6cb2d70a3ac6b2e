import { REPORT_REASONS } from "@hubbub/protocol";
import { sql } from "drizzle-orm";
import { boolean, index, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, hubbub, instant, seqColumn } from "./schema-base.ts";

/** Reports of messages, with a copy of what was reported. No foreign keys: users go, and rooms are erased in batches. */
export const reports = hubbub.table(
  "reports",
  {
    /** A UUID v7: the order of time. */
    id: uuid("id").primaryKey(),
    roomId: uuid("room_id").notNull(),
    /** Nobody moderates a direct room: its reports are for operators. */
    isDirect: boolean("is_direct").notNull(),
    seq: seqColumn("seq").notNull(),
    reporterId: uuid("reporter_id").notNull(),
    reason: text("reason", { enum: REPORT_REASONS }).notNull(),
    /** What the reporter wrote. Emptied when the reporter is erased. */
    text: text("text"),
    authorId: uuid("author_id").notNull(),
    /** The message as it was reported, and its time (Unix ms). Emptied when the author is erased. */
    message: text("message"),
    messageAt: seqColumn("message_at").notNull(),
    createdAt: createdAt(),
    state: text("state", { enum: ["open", "dismissed", "acted"] })
      .notNull()
      .default("open"),
    closedAt: instant("closed_at"),
    /** The id of a user, or `operator`. */
    closedBy: text("closed_by"),
    /** What was written when it was closed. Emptied when who wrote it or the author is erased. */
    note: text("note"),
  },
  (table) => [
    uniqueIndex("reports_message_key").on(table.roomId, table.seq, table.reporterId),
    index("reports_queue_idx").on(table.roomId, table.state, table.id),
    index("reports_state_idx").on(table.state, table.isDirect, table.id),
    index("reports_reporter_idx").on(table.reporterId),
    index("reports_author_idx").on(table.authorId),
    index("reports_note_idx").on(table.closedBy).where(sql`${table.note} is not null`),
    index("reports_closed_idx").on(table.closedAt).where(sql`${table.closedAt} is not null`),
  ],
);
