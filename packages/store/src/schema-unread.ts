import { boolean, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant } from "./schema-base.ts";

/** What a user has chosen for a room. No row: level `all`, no star. */
export const roomPreferences = hubbub.table(
  "room_preferences",
  {
    userId: uuid("user_id").notNull(),
    roomId: uuid("room_id").notNull(),
    level: text("level", { enum: ["all", "mentions", "nothing"] }).notNull(),
    isStarred: boolean("is_starred").notNull(),
    changedAt: instant("changed_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.roomId] })],
);

/** What users say of themselves. No row: nothing. */
export const userStatus = hubbub.table("user_status", {
  userId: uuid("user_id").primaryKey(),
  isAway: boolean("is_away").notNull(),
  emoji: text("emoji"),
  text: text("text"),
  /** null: without end. After it emoji and text are not shown any more. */
  expiresAt: instant("expires_at"),
  hidesLastSeen: boolean("hides_last_seen").notNull(),
});
