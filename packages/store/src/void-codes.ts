import type { UserId } from "@hubbub/protocol";
import { and, eq, isNull } from "drizzle-orm";
import type { Handle } from "./database.ts";
import { clock } from "./refresh-tokens.ts";
import { mailCodes } from "./schema-accounts.ts";

/** A code outlives no change of the password or of the address: it could undo the change. */
export async function voidCodes(handle: Handle, user: UserId): Promise<void> {
  await handle
    .update(mailCodes)
    .set({ usedAt: clock })
    .where(and(eq(mailCodes.userId, user), isNull(mailCodes.usedAt)));
}
