import { sql } from "drizzle-orm";
import { index, text, uuid } from "drizzle-orm/pg-core";
import { users } from "./schema.ts";
import { hubbub, instant } from "./schema-base.ts";
import { fileContents } from "./schema-files.ts";

/** What a user tells of themselves. No row: nothing. */
export const profiles = hubbub.table(
  "profiles",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id, { onDelete: "cascade" }),
    displayName: text("display_name"),
    timeZone: text("time_zone"),
    about: text("about"),
    /** The picture of the user: its two sizes stand in the storage beside this name. */
    avatar: text("avatar").references(() => fileContents.hash),
  },
  (table) => [index("profiles_avatar_idx").on(table.avatar).where(sql`${table.avatar} is not null`)],
);

/** Codes that were sent by mail, until they expire. A used one stays until then, because it counts as a mail. */
export const mailCodes = hubbub.table(
  "mail_codes",
  {
    /** SHA-256 of the code. */
    hash: text("hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    purpose: text("purpose", { enum: ["confirm", "reset"] }).notNull(),
    /** Where it was sent to: `confirm` makes it the address of the user. */
    address: text("address").notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    /** When it was used, or became void by a change of password or address. */
    usedAt: instant("used_at"),
  },
  (table) => [
    index("mail_codes_user_idx").on(table.userId, table.createdAt),
    index("mail_codes_expiry_idx").on(table.expiresAt),
  ],
);
