import { sql } from "drizzle-orm";
import { bigint, bigserial, index, integer, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

/**
 * What can be searched: a row for each message that is not deleted, with its present text. It follows from `events` and
 * `message_state`, and can be made anew. The migration adds an index of trigrams where `pg_trgm` can be had.
 */
export const searchDocuments = hubbub.table(
  "search_documents",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    /** Of the message, Unix ms. */
    at: bigint("at", { mode: "number" }).notNull(),
    userId: uuid("user_id").notNull(),
    /** As the package search spells texts and needles. */
    text: text("text").notNull(),
    /** `SEARCH_FLAGS`. */
    flags: smallint("flags").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.roomId, table.seq] }),
    index("search_documents_time_idx").on(table.roomId, table.at, table.seq),
    index("search_documents_user_idx").on(table.userId, table.at),
    index("search_documents_pinned_idx").on(table.roomId, table.at).where(sql`${table.flags} & 4 <> 0`),
  ],
);

/**
 * Stored events that are not in the index yet: a row for each batch, which `append` inserts in the transaction of the batch.
 * Indexing deletes it. The three arrays have one entry for each room: the events are among its seqs from low to high.
 */
export const searchJournal = hubbub.table("search_journal", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  rooms: uuid("rooms").array().notNull(),
  lows: bigint("lows", { mode: "number" }).array().notNull(),
  highs: bigint("highs", { mode: "number" }).array().notNull(),
  events: integer("events").notNull(),
});

/** One row: the lease of the process that indexes, and how far it has read the rows that were there before it. */
export const searchIndexer = hubbub.table("search_indexer", {
  /** Always 1. */
  id: integer("id").primaryKey().default(1),
  owner: text("owner"),
  token: bigint("token", { mode: "number" }).notNull().default(0),
  expiresAt: instant("expires_at").notNull().defaultNow(),
  /** The last event that was read of all that were there; null: all are read. */
  readRoom: uuid("read_room").default("00000000-0000-0000-0000-000000000000"),
  readSeq: seqColumn("read_seq").notNull().default(0),
});
