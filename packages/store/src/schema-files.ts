import { sql } from "drizzle-orm";
import { bigint, check, index, integer, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, hubbub, instant } from "./schema-base.ts";

/** Content in the storage, by the SHA-256 of its bytes. Files with the same content share it. */
export const fileContents = hubbub.table(
  "file_contents",
  {
    hash: text("hash").primaryKey(),
    /** When it was last uploaded: what an upload has just taken is not removed. */
    takenAt: instant("taken_at").notNull().defaultNow(),
    /** Set when a file of it went: it may be without any. */
    orphanedAt: instant("orphaned_at"),
    /** Set while it is removed from the storage; until its row is gone no upload may take it. */
    removingAt: instant("removing_at"),
  },
  (table) => [index("file_contents_orphans_idx").on(table.orphanedAt).where(sql`${table.orphanedAt} is not null`)],
);

/** Uploads. No foreign keys to users and rooms: the content in the storage has to go as well, see `Files.sweep`. */
export const files = hubbub.table(
  "files",
  {
    id: uuid("id").primaryKey(),
    roomId: uuid("room_id").notNull(),
    userId: uuid("user_id").notNull(),
    /** The client's own id of the upload, by which a retry is recognised. */
    uploadId: text("upload_id").notNull(),
    hash: text("hash")
      .notNull()
      .references(() => fileContents.hash),
    name: text("name").notNull(),
    type: text("type").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    /** What it takes of the quotas, thumbnails included. */
    cost: bigint("cost", { mode: "number" }).notNull(),
    /** Of a decoded picture; otherwise null. */
    width: integer("width"),
    height: integer("height"),
    createdAt: createdAt(),
    /** When the content was in its place. null: the upload is not finished. */
    storedAt: instant("stored_at"),
    /** Id of the one message that names the file. null: none does yet. */
    eventId: text("event_id"),
    /** When that message took it, a moment before it was accepted. */
    attachedAt: instant("attached_at"),
    /** When the sweep found that message among the events. null: not looked at yet, or not there. */
    sentAt: instant("sent_at"),
    /** Set when the message or the file was deleted: nobody sees it any more, and the sweep removes it. */
    releasedAt: instant("released_at"),
  },
  (table) => [
    uniqueIndex("files_upload_key").on(table.userId, table.roomId, table.uploadId),
    index("files_hash_idx").on(table.hash),
    index("files_event_idx").on(table.roomId, table.userId, table.eventId).where(sql`${table.eventId} is not null`),
    index("files_unused_idx").on(table.createdAt).where(sql`${table.eventId} is null`),
    index("files_unsent_idx")
      .on(sql`coalesce(${table.attachedAt}, ${table.createdAt})`)
      .where(sql`${table.eventId} is not null and ${table.sentAt} is null and ${table.releasedAt} is null`),
    index("files_released_idx").on(table.releasedAt).where(sql`${table.releasedAt} is not null`),
  ],
);

/** What the files of a user, and of a room, take of their quotas. Changed only by the statement that adds or removes files. */
export const fileUsage = hubbub.table(
  "file_usage",
  {
    /** A user or a room: ids of both kinds are unique together. */
    owner: uuid("owner").primaryKey(),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
  },
  (table) => [
    check("file_usage_positive", sql`${table.bytes} >= 0`),
    index("file_usage_empty_idx").on(table.owner).where(sql`${table.bytes} = 0`),
  ],
);
