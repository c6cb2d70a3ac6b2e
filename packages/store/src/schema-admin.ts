import { SERVER_ROLES } from "@hubbub/protocol";
import { text, uuid } from "drizzle-orm/pg-core";
import { users } from "./schema.ts";
import { hubbub, instant } from "./schema-base.ts";

const ofUser = () =>
  uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" });

/** No row: the user is nobody special. */
export const serverRoles = hubbub.table("server_roles", {
  userId: ofUser(),
  role: text("role", { enum: SERVER_ROLES }).notNull(),
  grantedAt: instant("granted_at").notNull().defaultNow(),
});

/** A row whose `until` has passed suspends nobody. The next suspension of the user replaces it. */
export const suspensions = hubbub.table("suspensions", {
  userId: ofUser(),
  reason: text("reason").notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
  /** null: it has no end. */
  until: instant("until"),
});
