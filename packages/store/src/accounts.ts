import { ProtocolError, type SessionId, skeletonOf, type UserId } from "@hubbub/protocol";
import { and, eq, gt, isNotNull, isNull, ne, type SQL, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { isTaken } from "./is-taken.ts";
import { profileColumns, toProfile } from "./profiles.ts";
import { clock } from "./refresh-tokens.ts";
import { sessions, users } from "./schema.ts";
import { profiles } from "./schema-accounts.ts";
import { revokeWhere } from "./sessions.ts";
import type { AccountRecord, Accounts, NewAccount } from "./store-own-account.ts";
import { voidCodes } from "./void-codes.ts";

export function createAccounts(database: Database): Accounts {
  return {
    upgrade: (user, session, account, address) =>
      upgrade(database, { user, session, address }, account).catch((error: unknown) => {
        throw isTaken(error) ? new ProtocolError("username_taken") : error;
      }),

    changePassword: (user, { known, passwordHash, except, address }) =>
      database.transaction(async (handle) => {
        const changed = await handle
          .update(users)
          .set({ passwordHash })
          .where(and(eq(users.id, user), eq(users.passwordHash, known)))
          .returning({ id: users.id });
        if (changed.length === 0) return null;
        await voidCodes(handle, user);
        await writeAudit(handle, { by: user, address, act: "password_change", subject: user });
        return revokeWhere(handle, and(eq(sessions.userId, user), ne(sessions.id, except)));
      }),

    find: (user) => find(database, eq(users.id, user)),

    findByEmail: (address) =>
      find(
        database,
        and(
          eq(sql`lower(${users.email} collate "C")`, sql`lower(${address} collate "C")`),
          isNotNull(users.emailVerifiedAt),
          isNotNull(users.passwordHash),
        ),
      ),

    removeEmail: (user, address) =>
      database.transaction(async (handle) => {
        const present = { email: users.email, verifiedAt: users.emailVerifiedAt };
        const [before] = await handle.select(present).from(users).where(eq(users.id, user)).for("no key update");
        await handle.update(users).set({ email: null, emailVerifiedAt: null }).where(eq(users.id, user));
        await voidCodes(handle, user);
        const details = { verified: false };
        if (before?.email) await writeAudit(handle, { by: user, address, act: "email_change", subject: user, details });
        return before?.verifiedAt ? before.email : null;
      }),
  };
}

/**
 * The lock of the user's row puts racing upgrades, and the deletion of idle guests, in an order. The deletion checks for
 * the missing password again after the lock.
 */
function upgrade(
  database: Database,
  { user, session, address }: { user: UserId; session: SessionId; address: string | undefined },
  { username, email, passwordHash }: NewAccount,
): ReturnType<Accounts["upgrade"]> {
  return database.transaction(async (handle) => {
    const present = { passwordHash: users.passwordHash };
    const [row] = await handle.select(present).from(users).where(eq(users.id, user)).for("no key update");
    if (row === undefined) return "ended";
    const living = await handle
      .select({ id: sessions.id })
      .from(sessions)
      .where(
        and(
          eq(sessions.id, session),
          eq(sessions.userId, user),
          isNull(sessions.revokedAt),
          gt(sessions.expiresAt, clock),
        ),
      );
    if (living.length === 0) return "ended";
    if (row.passwordHash !== null) return "already";
    const account = { username, skeleton: skeletonOf(username), passwordHash, email: email ?? null, creationKey: null };
    await handle.update(users).set(account).where(eq(users.id, user));
    await writeAudit(handle, { by: user, address, act: "guest_upgrade", subject: user });
    return "upgraded";
  });
}

async function find(database: Database, where: SQL | undefined): Promise<AccountRecord | null> {
  const [row] = await database.query((handle) =>
    handle
      .select({
        ...profileColumns,
        createdAt: users.createdAt,
        email: users.email,
        emailVerifiedAt: users.emailVerifiedAt,
      })
      .from(users)
      .leftJoin(profiles, eq(profiles.userId, users.id))
      .where(where),
  );
  if (row === undefined) return null;
  const { createdAt, email, emailVerifiedAt } = row;
  return { ...toProfile(row), createdAt, email, isEmailVerified: email !== null && emailVerifiedAt !== null };
}
