import { jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

/** Rooms whose stored events are chained, and how far. No foreign key: the links go before the room does. */
export const roomChains = hubbub.table("room_chains", {
  roomId: uuid("room_id").primaryKey(),
  begunAt: instant("begun_at").notNull().defaultNow(),
  /** Of the newest link. */
  seq: seqColumn("seq").notNull(),
  link: text("link").notNull(),
});

/** Triggers take the salt away with the text of the event, and keep the seqs that an event named before its message moved. */
export const chainLinks = hubbub.table(
  "chain_links",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    salt: text("salt"),
    commitment: text("commitment"),
    link: text("link").notNull(),
    /** What the event named when it was sealed; null: what it names now. */
    sealedAs: jsonb("sealed_as").$type<{ readonly target: number | null; readonly replyTo: number | null }>(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.seq] })],
);
