import { ROLES, type RoomSettings } from "@hubbub/protocol";
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, hubbub, instant, seqColumn } from "./schema-base.ts";

export { audit } from "./schema-audit.ts";
/** The tables. Changes go through a migration: see README.md. */
export { hubbub } from "./schema-base.ts";
export { chainLinks, roomChains } from "./schema-chains.ts";
export { erasureRooms, erasures } from "./schema-erasure.ts";
export { exports } from "./schema-exports.ts";
export { statsMinutes } from "./schema-figures.ts";
export { fileContents, files, fileUsage } from "./schema-files.ts";
export { mentions, messageState, movedEvents, reactions, threadFollows } from "./schema-messages.ts";
export { nodes, zones } from "./schema-nodes.ts";
export { reports } from "./schema-reports.ts";
export { searchDocuments, searchIndexer, searchJournal } from "./schema-search.ts";
export { roomPreferences, userStatus } from "./schema-unread.ts";
export { untoldChanges } from "./schema-untold.ts";

export const users = hubbub.table(
  "users",
  {
    id: uuid("id").primaryKey(),
    username: text("username").notNull(),
    email: text("email"),
    /** When the user answered a mail to `email`; null: never. */
    emailVerifiedAt: instant("email_verified_at"),
    /** null: a guest. */
    passwordHash: text("password_hash"),
    createdAt: createdAt(),
    /** What names that look alike have in common; null for an account that is older than the rule and had a twin. */
    skeleton: text("skeleton"),
    /** Hash of the id that the client gave to the creation, by which a retry is recognised. */
    creationKey: text("creation_key"),
  },
  (table) => [
    // User names are ASCII: folding them must not depend on the locale of the database.
    uniqueIndex("users_name_key").on(sql`lower(${table.username} collate "C")`),
    uniqueIndex("users_skeleton_key").on(table.skeleton),
    uniqueIndex("users_creation_key").on(table.creationKey),
    uniqueIndex("users_email_key")
      .on(sql`lower(${table.email} collate "C")`)
      .where(sql`${table.emailVerifiedAt} is not null`),
    index("users_guests_idx").on(table.id).where(sql`${table.passwordHash} is null`),
  ],
);

export const sessions = hubbub.table(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    /** The latest expiry of its tokens. After it the session can be deleted. */
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    /** When the revocation was published to gateways; null: it is published again. */
    toldAt: instant("told_at"),
    /** The last login or refresh, and from where it came. */
    usedAt: instant("used_at").notNull().defaultNow(),
    address: text("address"),
    agent: text("agent"),
  },
  (table) => [
    index("sessions_user_idx").on(table.userId),
    index("sessions_expiry_idx").on(table.expiresAt),
    index("sessions_revoked_idx").on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
    index("sessions_untold_idx")
      .on(table.revokedAt)
      .where(sql`${table.revokedAt} is not null and ${table.toldAt} is null`),
    // The whole addresses, which the cleanup truncates.
    index("sessions_address_idx")
      .on(table.usedAt)
      .where(sql`${table.address} is not null and ${table.address} !~ '/(24|48)$'`),
  ],
);

export const refreshTokens = hubbub.table(
  "refresh_tokens",
  {
    hash: text("hash").primaryKey(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    /** Set once, by the rotation that won. Used tokens are kept until they expire, to recognise their reuse. */
    usedAt: instant("used_at"),
    /** Set with `used_at`: the replacing token is derived from the used token and this. Neither is of use alone. */
    salt: text("salt"),
    successor: text("successor"),
  },
  (table) => [index("refresh_tokens_session_idx").on(table.sessionId)],
);

export const rooms = hubbub.table(
  "rooms",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /**
     * `roomNameKey` of the name: public rooms that look alike have the same. A trigger sets it for builds that do not.
     */
    nameKey: text("name_key").notNull(),
    visibility: text("visibility", { enum: ["public", "private", "direct"] }).notNull(),
    topic: text("topic").notNull(),
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
    createdAt: createdAt(),
    /** The creator's own id for the creation: sent again, it gives the same room. */
    creationId: text("creation_id"),
    /** null: none. `archived` among them keeps the room readable, unlike `archived_at`. */
    settings: jsonb("settings").$type<RoomSettings>(),
    /** Of a direct room: its users' ids in order, joined by commas. */
    directKey: text("direct_key"),
    /** Set when the room was closed. From then on nobody finds it. */
    archivedAt: instant("archived_at"),
    /** 0: never numbered. Later epochs rise by a random step: see `beginEpoch`. */
    epoch: seqColumn("epoch").notNull().default(0),
    /** The numbering of the current epoch starts above this. */
    epochFloor: seqColumn("epoch_floor").notNull().default(0),
  },
  (table) => [
    uniqueIndex("rooms_public_name_key")
      .on(table.nameKey)
      .where(sql`${table.visibility} = 'public' and ${table.archivedAt} is null`),
    index("rooms_public_list_idx")
      .on(sql`${table.nameKey} collate "C"`, table.id)
      .where(sql`${table.visibility} = 'public' and ${table.archivedAt} is null`),
    uniqueIndex("rooms_direct_key").on(table.directKey).where(sql`${table.archivedAt} is null`),
    index("rooms_closed_idx").on(table.archivedAt).where(sql`${table.archivedAt} is not null`),
    uniqueIndex("rooms_creation_key").on(table.createdBy, table.creationId),
  ],
);

/** Every epoch and where its numbering began: explains the hole between two epochs. */
export const roomEpochs = hubbub.table(
  "room_epochs",
  {
    roomId: uuid("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    epoch: seqColumn("epoch").notNull(),
    head: seqColumn("head").notNull(),
    begunAt: instant("begun_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.epoch] })],
);

export const members = hubbub.table(
  "members",
  {
    roomId: uuid("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ROLES }).notNull(),
    joinedAt: instant("joined_at").notNull().defaultNow(),
    lastReadSeq: seqColumn("last_read_seq").notNull().default(0),
    /** When that was last written. */
    lastReadAt: instant("last_read_at"),
    /** Newest event of the room when the user joined. */
    joinedSeq: seqColumn("joined_seq").notNull().default(0),
    mutedUntil: instant("muted_until"),
  },
  (table) => [
    primaryKey({ columns: [table.roomId, table.userId] }),
    index("members_user_idx").on(table.userId, table.roomId),
  ],
);

/** Users that left a room or were removed from it, until they are members again. */
export const departures = hubbub.table(
  "departures",
  {
    roomId: uuid("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    isRemoved: boolean("is_removed").notNull(),
    /** Of the membership that ended: coming back does not end a mute, nor make a guest more. */
    mutedUntil: instant("muted_until"),
    wasGuest: boolean("was_guest").notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.userId] })],
);

/**
 * Hash-partitioned by room_id in the migration. No foreign keys: an acked event is stored even when its author was
 * deleted, and a batch needs no look-up per row. `at` is the clock of the log, Unix ms.
 */
export const events = hubbub.table(
  "events",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    epoch: seqColumn("epoch").notNull(),
    at: bigint("at", { mode: "number" }).notNull(),
    kind: text("kind").notNull(),
    userId: uuid("user_id").notNull(),
    eventId: text("event_id").notNull(),
    text: text("text"),
    replyTo: seqColumn("reply_to"),
    target: seqColumn("target"),
    /** The fields of the kind without a column. */
    extra: jsonb("extra"),
  },
  (table) => [
    primaryKey({ columns: [table.roomId, table.seq] }),
    index("events_files_idx").on(table.roomId, table.userId, table.eventId).where(sql`${table.extra} ? 'files'`),
    /** Replies of a thread, without the reactions and edits of its first message. */
    index("events_thread_idx")
      .on(table.roomId, table.target, table.seq)
      .where(sql`${table.target} is not null and ${table.kind} = 'message'`),
    index("events_target_idx").on(table.roomId, table.target, table.seq).where(sql`${table.target} is not null`),
  ],
);

export const shards = hubbub.table("shards", {
  shard: integer("shard").primaryKey(),
  /** null: released. */
  owner: text("owner"),
  token: bigint("token", { mode: "number" }).notNull(),
  offset: text("offset").notNull().default(""),
  expiresAt: instant("expires_at").notNull(),
});

/** One row with the values that all processes of a cluster must agree on. The migration inserts it. */
export const cluster = hubbub.table("cluster", {
  /** Always 1. */
  id: integer("id").primaryKey().default(1),
  /**
   * Rises with each `adopt`. Keys of Redis carry it, so that data of an earlier generation is never read by accident.
   */
  generation: integer("generation").notNull().default(0),
  adoptedAt: instant("adopted_at"),
  reason: text("reason"),
  /**
   * Builds that know no later migration than one before this cannot run any more: a contract took away what they use.
   */
  schemaFloor: bigint("schema_floor", { mode: "number" }).notNull().default(0),
  /** null: no process of a cluster has started yet. */
  shards: integer("shards"),
});

/** Heartbeat of every writer, with a shard or waiting for one. */
export const writers = hubbub.table("writers", {
  owner: text("owner").primaryKey(),
  expiresAt: instant("expires_at").notNull(),
});

export const deadLetters = hubbub.table(
  "dead_letters",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    shard: integer("shard").notNull(),
    offset: text("offset").notNull(),
    roomId: uuid("room_id"),
    eventId: text("event_id"),
    frame: text("frame").notNull(),
    error: text("error").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("dead_letters_room_idx").on(table.roomId)],
);
