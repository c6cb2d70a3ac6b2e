import { bigint, index, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { rooms, users } from "./schema.ts";
import { hubbub } from "./schema-base.ts";

/** What a user has typed into the box of a room and not sent. An empty text: it was sent or removed, which wins over older texts. */
export const drafts = hubbub.table(
  "drafts",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    roomId: uuid("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    text: text("text").notNull(),
    bytes: integer("bytes").notNull(),
    /** When it was typed, Unix milliseconds. */
    at: bigint("at", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.roomId] }), index("drafts_room_idx").on(table.roomId)],
);
