import { primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

/** Rooms whose stored events are chained, and how far. No foreign key: the links go before the room does. */
export const roomChains = hubbub.table("room_chains", {
  roomId: uuid("room_id").primaryKey(),
  begunAt: instant("begun_at").notNull().defaultNow(),
  /** Of the newest link. */
  seq: seqColumn("seq").notNull(),
  link: text("link").notNull(),
});

/** A trigger takes the salt away with the text of the event. */
export const chainLinks = hubbub.table(
  "chain_links",
  {
    roomId: uuid("room_id").notNull(),
    seq: seqColumn("seq").notNull(),
    salt: text("salt"),
    commitment: text("commitment"),
    link: text("link").notNull(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.seq] })],
);
