import { index, integer, jsonb, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { rooms } from "./schema.ts";
import { createdAt, hubbub, instant, seqColumn } from "./schema-base.ts";

/** The fields of the records that a room takes. No row: messages only. */
export const roomModels = hubbub.table("room_models", {
  roomId: uuid("room_id")
    .primaryKey()
    .references(() => rooms.id, { onDelete: "cascade" }),
  /** Rises with each change of the fields. */
  version: integer("version").notNull(),
  fields: jsonb("fields").notNull(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
});

/** Standing queries: a filter on a room, with a room of its own for what matches. */
export const standingQueries = hubbub.table(
  "standing_queries",
  {
    /** The derived room. It has no members: those of the source read it. */
    roomId: uuid("room_id")
      .primaryKey()
      .references(() => rooms.id, { onDelete: "cascade" }),
    sourceId: uuid("source_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    /** SHA-256 of source, version of the model and canonical filter. */
    hash: text("hash").notNull(),
    modelVersion: integer("model_version").notNull(),
    filter: jsonb("filter").notNull(),
    /** Events of the source up to this seq are not looked at. */
    sinceSeq: seqColumn("since_seq").notNull(),
    /** `since_seq` when the room was last told where the query begins; null: never. */
    toldSeq: seqColumn("told_seq"),
    /** The query runs until then, unless somebody asks for it again. */
    wantedUntil: instant("wanted_until").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("standing_queries_hash_key").on(table.hash),
    index("standing_queries_source_idx").on(table.sourceId, table.wantedUntil),
    index("standing_queries_wanted_idx").on(table.wantedUntil),
  ],
);

/** Sources with standing queries: which process evaluates them, and up to which event. */
export const flowSources = hubbub.table("flow_sources", {
  roomId: uuid("room_id")
    .primaryKey()
    .references(() => rooms.id, { onDelete: "cascade" }),
  /** null: released. */
  owner: text("owner"),
  /** Rises with each owner: what an earlier one writes is refused. */
  token: seqColumn("token").notNull().default(0),
  expiresAt: instant("expires_at").notNull().defaultNow(),
  /** Everything up to this event has been evaluated. */
  seq: seqColumn("seq").notNull().default(0),
});
