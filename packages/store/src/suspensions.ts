import { ProtocolError, type SessionId, type UserId } from "@hubbub/protocol";
import { eq, inArray } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import { botsOf } from "./bots-of.ts";
import type { Database, Handle } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { clock } from "./refresh-tokens.ts";
import { sessions, users } from "./schema.ts";
import { serverRoles, suspensions } from "./schema-admin.ts";
import { revokeWhere } from "./sessions.ts";
import type { Admin } from "./store-admin.ts";
import type { Acting } from "./store-audit.ts";
import { findSuspension } from "./suspended.ts";

/**
 * A login that runs at the same time holds the row of the user or waits for it. So its session ends here, or it finds the suspension.
 * See `Admin.suspend`.
 */
export function suspend(
  database: Database,
  user: UserId,
  { reason, until, spares = false }: Parameters<Admin["suspend"]>[1],
  acting: Acting,
): Promise<readonly SessionId[]> {
  return database.transaction(async (handle) => {
    await requireTarget(handle, user, spares);
    const set = { reason, until, createdAt: clock };
    await handle
      .insert(suspensions)
      .values({ userId: user, ...set })
      .onConflictDoUpdate({ target: suspensions.userId, set });
    const details = until === null ? undefined : { until: until.getTime() };
    await writeAudit(handle, { ...acting, act: "account_suspend", subject: user, details, note: reason });
    // A token of a bot that begins a session holds the row of the bot.
    const owned = await botsOf(handle, user);
    for (const bot of owned) await lockUser(handle, bot);
    return await revokeWhere(handle, inArray(sessions.userId, [user, ...owned]));
  });
}

/** Locks the row of the user. @throws ProtocolError unknown_user */
export async function requireUser(handle: Handle, user: UserId): Promise<{ readonly isGuest: boolean }> {
  await lockUser(handle, user);
  const [found] = await handle.select({ password: users.passwordHash }).from(users).where(eq(users.id, user));
  if (found === undefined) throw new ProtocolError("unknown_user");
  return { isGuest: found.password === null };
}

async function requireTarget(handle: Handle, user: UserId, spares: boolean): Promise<void> {
  await requireUser(handle, user);
  if (!spares) return;
  const roles = await handle.select().from(serverRoles).where(eq(serverRoles.userId, user));
  if (roles.length > 0) throw new ProtocolError("forbidden", "the user has a server role: this needs an admin");
}

/** See `Admin.unsuspend`. */
export function unsuspend(
  database: Database,
  user: UserId,
  acting: Acting,
  { spares = false }: { readonly spares?: boolean } = {},
): Promise<boolean> {
  return database.transaction(async (handle) => {
    await requireTarget(handle, user, spares);
    const wasSuspended = (await findSuspension(handle, user)) !== null;
    await handle.delete(suspensions).where(eq(suspensions.userId, user));
    if (wasSuspended) await writeAudit(handle, { ...acting, act: "account_unsuspend", subject: user });
    return wasSuspended;
  });
}
