import { ProtocolError, type ServerRole, type UserId } from "@hubbub/protocol";
import { eq } from "drizzle-orm";
import { createAdminLists } from "./admin-lists.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { serverRoles } from "./schema-admin.ts";
import type { Admin } from "./store-admin.ts";
import type { Acting } from "./store-audit.ts";
import { findSuspension } from "./suspended.ts";
import { requireUser, suspend, unsuspend } from "./suspensions.ts";

export function createAdmin(database: Database): Admin {
  return {
    roleOf: (user) => database.query((handle) => findRole(handle, user)),
    setRole: (user, role, acting) => database.transaction((handle) => setRole(handle, { user, role }, acting)),
    suspensionOf: (user) => database.query((handle) => findSuspension(handle, user)),
    suspend: (user, suspension, acting) => suspend(database, user, suspension, acting),
    unsuspend: (user, acting, how) => unsuspend(database, user, acting, how),
    ...createAdminLists(database),
  };
}

async function findRole(handle: Handle, user: UserId): Promise<ServerRole | null> {
  const [found] = await handle.select({ role: serverRoles.role }).from(serverRoles).where(eq(serverRoles.userId, user));
  return found?.role ?? null;
}

async function setRole(
  handle: Handle,
  { user, role }: { user: UserId; role: ServerRole | null },
  acting: Acting,
): Promise<boolean> {
  const { isGuest } = await requireUser(handle, user);
  if (isGuest && role !== null) throw new ProtocolError("forbidden", "a guest has no server role: it needs an account");
  const before = await findRole(handle, user);
  if (before === role) return false;
  if (role === null) await handle.delete(serverRoles).where(eq(serverRoles.userId, user));
  else {
    const set = { role, grantedAt: new Date() };
    await handle
      .insert(serverRoles)
      .values({ userId: user, ...set })
      .onConflictDoUpdate({ target: serverRoles.userId, set });
  }
  await writeAudit(handle, { ...acting, act: "server_role_set", subject: user, details: { role, before } });
  return true;
}
