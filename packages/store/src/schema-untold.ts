import { bigserial, uuid } from "drizzle-orm/pg-core";
import { hubbub } from "./schema-base.ts";

/**
 * Changes of what gateways have cached, until they are told. Triggers on `members`, `rooms` and `blocks` write them, in the
 * transaction of the change. There is no foreign key: a deleted user is news too.
 */
export const untoldChanges = hubbub.table("untold_changes", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  roomId: uuid("room_id").notNull(),
  /** null: the room itself. */
  userId: uuid("user_id"),
});
