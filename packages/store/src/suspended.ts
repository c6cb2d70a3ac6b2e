import { isBot, ProtocolError, type UserId } from "@hubbub/protocol";
import { and, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { Handle } from "./database.ts";
import { clock } from "./refresh-tokens.ts";
import { suspensions } from "./schema-admin.ts";
import { bots } from "./schema-bots.ts";
import type { Suspension } from "./store-admin.ts";

/** Of a row of `suspensions`: it holds now. */
export const holds = or(isNull(suspensions.until), gt(suspensions.until, clock));

/** Bots are suspended with their owner. Only for a bot the table of bots is read: before its migration there are none. */
export async function findSuspension(handle: Handle, user: UserId): Promise<Suspension | null> {
  const { reason, createdAt: at, until } = suspensions;
  const owner = handle.select({ owner: bots.ownerId }).from(bots).where(eq(bots.userId, user));
  const isOf = isBot(user) ? or(eq(suspensions.userId, user), inArray(suspensions.userId, owner)) : undefined;
  const ofUser = and(isOf ?? eq(suspensions.userId, user), holds);
  const [found] = await handle.select({ reason, at, until }).from(suspensions).where(ofUser);
  return found ?? null;
}

/** @throws ProtocolError account_suspended */
export async function refuseSuspended(handle: Handle, user: UserId): Promise<void> {
  const found = await findSuspension(handle, user);
  if (found !== null) throw suspended(found);
}

/** Says until when, for a person and for a program. */
export function suspended({ reason, until }: Pick<Suspension, "reason" | "until">): ProtocolError {
  const end = until === null ? "" : ` until ${until.toISOString()}`;
  const why = reason === "" ? "" : `: ${reason}`;
  const retryAfterMs = until === null ? undefined : Math.max(1, until.getTime() - Date.now());
  return new ProtocolError("account_suspended", `this account is suspended${end}${why}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
