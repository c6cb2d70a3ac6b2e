import { ProtocolError, type UserId } from "@hubbub/protocol";
import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Handle } from "./database.ts";
import { clock } from "./refresh-tokens.ts";
import { suspensions } from "./schema-admin.ts";
import type { Suspension } from "./store-admin.ts";

/** Of a row of `suspensions`: it holds now. */
export const holds = or(isNull(suspensions.until), gt(suspensions.until, clock));

export async function findSuspension(handle: Handle, user: UserId): Promise<Suspension | null> {
  const { reason, createdAt: at, until } = suspensions;
  const ofUser = and(eq(suspensions.userId, user), holds);
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
