import type { UserId } from "@hubbub/protocol";
import { eq, sql } from "drizzle-orm";
import type { Handle } from "./database.ts";
import { users } from "./schema.ts";
import { bots } from "./schema-bots.ts";

/** Before the migration of bots there are none: a statement that names a missing table would end the transaction. */
export async function botsOf(handle: Handle, owner: UserId): Promise<readonly UserId[]> {
  const exists = sql<string | null>`to_regclass('hubbub.bots')::text`;
  const [table] = await handle.select({ exists }).from(users).where(eq(users.id, owner));
  if (table?.exists == null) return [];
  const found = await handle.select({ id: bots.userId }).from(bots).where(eq(bots.ownerId, owner)).orderBy(bots.userId);
  return found.map(({ id }) => id as UserId);
}
