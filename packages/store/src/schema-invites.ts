import { index, integer, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { rooms, users } from "./schema.ts";
import { createdAt, hubbub, instant } from "./schema-base.ts";

const ofRoom = () =>
  uuid("room_id")
    .notNull()
    .references(() => rooms.id, { onDelete: "cascade" });
const ofUser = (name: string) =>
  uuid(name)
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

/** Users that may not be in a room, whether they ever were or not. */
export const bans = hubbub.table(
  "bans",
  {
    roomId: ofRoom(),
    userId: ofUser("user_id"),
    byId: uuid("by_id").notNull(),
    reason: text("reason").notNull(),
    createdAt: createdAt(),
    /** null: without end. */
    until: instant("until"),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.userId] })],
);

/** Links into rooms. */
export const invites = hubbub.table(
  "invites",
  {
    id: uuid("id").primaryKey(),
    /** SHA-256 of the code. */
    codeHash: text("code_hash").notNull(),
    roomId: ofRoom(),
    byId: ofUser("by_id"),
    role: text("role", { enum: ["guest", "member"] }).notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usesLeft: integer("uses_left").notNull(),
  },
  (table) => [
    uniqueIndex("invites_code_key").on(table.codeHash),
    index("invites_room_idx").on(table.roomId),
    index("invites_expiry_idx").on(table.expiresAt),
  ],
);

/** Invitations of one user, until they are accepted or declined. */
export const invitations = hubbub.table(
  "invitations",
  { roomId: ofRoom(), userId: ofUser("user_id"), byId: ofUser("by_id"), createdAt: createdAt() },
  (table) => [
    primaryKey({ columns: [table.roomId, table.userId] }),
    index("invitations_user_idx").on(table.userId, table.createdAt),
  ],
);

/** `user_id` wants no direct messages and no mentions of `blocked_id`. */
export const blocks = hubbub.table(
  "blocks",
  { userId: ofUser("user_id"), blockedId: ofUser("blocked_id"), createdAt: createdAt() },
  (table) => [
    primaryKey({ columns: [table.userId, table.blockedId] }),
    index("blocks_blocked_idx").on(table.blockedId),
  ],
);
