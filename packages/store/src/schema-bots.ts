import { index, text, uuid } from "drizzle-orm/pg-core";
import { rooms, users } from "./schema.ts";
import { createdAt, hubbub, instant } from "./schema-base.ts";

/** Accounts that are programs, and the users that they belong to. The id of such an account says so: see `isBot`. */
export const bots = hubbub.table(
  "bots",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id, { onDelete: "cascade" }),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [index("bots_owner_idx").on(table.ownerId)],
);

/** Addresses that post into a room as a bot. */
export const incomingHooks = hubbub.table(
  "incoming_hooks",
  {
    id: uuid("id").primaryKey(),
    roomId: uuid("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    botId: uuid("bot_id")
      .notNull()
      .references(() => bots.userId, { onDelete: "cascade" }),
    /** SHA-256 of the secret in the address. */
    secretHash: text("secret_hash").notNull(),
    createdAt: createdAt(),
    usedAt: instant("used_at"),
  },
  (table) => [index("incoming_hooks_room_idx").on(table.roomId), index("incoming_hooks_bot_idx").on(table.botId)],
);
