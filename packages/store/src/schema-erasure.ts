import { sql } from "drizzle-orm";
import { boolean, index, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

/** Ids of erased users. The rows are kept, and are replayed after an older backup was restored. They hold no other personal data. */
export const erasures = hubbub.table(
  "erasures",
  {
    userId: uuid("user_id").primaryKey(),
    requestedAt: instant("requested_at").notNull().defaultNow(),
    /** When the rooms of the user were listed; null: not yet. */
    begunAt: instant("begun_at"),
    /** null: a process still has to do it, or goes on with it. */
    doneAt: instant("done_at"),
    /** The process that works on it, until the lease ends. */
    owner: text("owner"),
    leasedUntil: instant("leased_until"),
  },
  (table) => [index("erasures_open_idx").on(table.requestedAt).where(sql`${table.doneAt} is null`)],
);

/** Rooms, also derived ones, in which messages or records of an erased user may be left. A row goes when its room is done. */
export const erasureRooms = hubbub.table(
  "erasure_rooms",
  {
    userId: uuid("user_id").notNull(),
    roomId: uuid("room_id").notNull(),
    /** Up to here the messages of the user are deleted. */
    seq: seqColumn("seq").notNull().default(0),
    /** The newest event when the room was begun, or, once all messages are deleted, when its copies are dropped. null: not begun. */
    upTo: seqColumn("up_to"),
    /** All messages are deleted: copies of them may be left in the log's tail and in gateways. */
    isDeleted: boolean("is_deleted").notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.userId, table.roomId] })],
);
