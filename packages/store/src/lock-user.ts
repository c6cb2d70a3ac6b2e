import type { UserId } from "@hubbub/protocol";
import { eq } from "drizzle-orm";
import type { Handle } from "./database.ts";
import { users } from "./schema.ts";

/** One change of a user's credentials at a time: bounds on their number hold. Foreign keys do not wait for it. */
export async function lockUser(handle: Handle, user: UserId): Promise<void> {
  await handle.select({ id: users.id }).from(users).where(eq(users.id, user)).for("no key update");
}
