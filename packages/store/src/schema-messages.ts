import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { hubbub, seqColumn } from "./schema-base.ts";

/** What later events have made of a message, as `MessageState`: a fold of the events with that target. No row: nothing. */
export const messageState = hubbub.table(
  "message_state",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    /** Of the newest edit. */
    text: text("text"),
    editedSeq: seqColumn("edited_seq"),
    editedAt: bigint("edited_at", { mode: "number" }),
    edits: integer("edits").notNull(),
    deletedSeq: seqColumn("deleted_seq"),
    pinnedSeq: seqColumn("pinned_seq"),
    replyCount: integer("reply_count").notNull(),
    lastReplySeq: seqColumn("last_reply_seq"),
    lastReplyAt: bigint("last_reply_at", { mode: "number" }),
  },
  (table) => [
    primaryKey({ columns: [table.roomId, table.seq] }),
    index("message_state_pinned_idx").on(table.roomId, table.pinnedSeq).where(sql`${table.pinnedSeq} is not null`),
  ],
);

export const reactions = hubbub.table(
  "reactions",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    emoji: text("emoji").notNull(),
    userId: uuid("user_id").notNull(),
    /** The event that added it. */
    addedSeq: seqColumn("added_seq").notNull(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.seq, table.emoji, table.userId] })],
);

/** Mentions of messages that are not deleted. `user_id` is null for `@room`. */
export const mentions = hubbub.table(
  "mentions",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    userId: uuid("user_id"),
    /** The author, whom `@room` does not mention. */
    byId: uuid("by_id").notNull(),
  },
  (table) => [
    unique("mentions_key").on(table.roomId, table.seq, table.userId).nullsNotDistinct(),
    index("mentions_user_idx").on(table.userId, table.roomId, table.seq),
    index("mentions_all_idx").on(table.roomId, table.seq).where(sql`${table.userId} is null`),
  ],
);

/** Events that an epoch lost and that were offered again: the seq that each has now, by the seqs that it had. */
export const movedEvents = hubbub.table(
  "moved_events",
  { roomId: uuid("room_id").notNull(), lostSeq: seqColumn("lost_seq").notNull(), seq: seqColumn("seq").notNull() },
  (table) => [primaryKey({ columns: [table.roomId, table.lostSeq] })],
);

/** Threads that users follow, or (`is_following` false) have unfollowed: then nothing follows them automatically. */
export const threadFollows = hubbub.table(
  "thread_follows",
  {
    userId: uuid("user_id").notNull(),
    roomId: uuid("room_id").notNull(),
    /** The first message of the thread. */
    seq: seqColumn("seq").notNull(),
    isFollowing: boolean("is_following").notNull(),
    /** Replies up to here were read; null: none was. */
    readSeq: seqColumn("read_seq"),
  },
  (table) => [primaryKey({ columns: [table.userId, table.roomId, table.seq] })],
);
