import { newId, type SessionId, type UserId } from "@hubbub/protocol";
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import type { Database, Handle } from "./database.ts";
import { refreshTokens, sessions, users } from "./schema.ts";
import type { Sessions } from "./store.ts";

// The clock of the statement, not now(), which is the transaction's start: a call that waited for the row of a racing
// one must see its own time behind the other's.
const clock = sql<Date>`clock_timestamp()`;

export function createSessions(database: Database): Sessions {
  return {
    async create(user, refreshHash, expiresAt) {
      const session = newId<SessionId>();
      await database.transaction(async (handle) => {
        // Bounds what one user leaves behind: the sessions that nobody can come back to.
        await handle.delete(sessions).where(and(eq(sessions.userId, user), lt(sessions.expiresAt, clock)));
        await handle.insert(sessions).values({ id: session, userId: user, expiresAt });
        await handle.insert(refreshTokens).values({ hash: refreshHash, sessionId: session, expiresAt });
      });
      return session;
    },

    rotate: (oldHash, newHash, expiresAt, graceMs) =>
      database.transaction(async (handle) => {
        const isWinner = await takeToken(handle, oldHash);
        const found = await findToken(handle, oldHash);
        // Expired, revoked and never issued look the same from outside.
        if (found === null || found.isRevoked || found.usedForMs === null) return { state: "unknown" };
        const { session, user } = found;
        if (!isWinner && found.usedForMs >= graceMs) {
          await revokeSession(handle, session);
          return { state: "reused", session };
        }
        await issueToken(handle, session, newHash, expiresAt);
        return { state: isWinner ? "rotated" : "grace", session, user };
      }),

    revoke: (session) => database.query((handle) => revokeSession(handle, session)),

    async isRevoked(session) {
      const [row] = await database.query((handle) =>
        handle.select({ revokedAt: sessions.revokedAt }).from(sessions).where(eq(sessions.id, session)),
      );
      return row !== undefined && row.revokedAt !== null;
    },
  };
}

/** Exactly one of any number of racing calls gets true: the others wait for its row and then see it used. */
async function takeToken(handle: Handle, hash: string): Promise<boolean> {
  const taken = await handle
    .update(refreshTokens)
    .set({ usedAt: clock })
    .where(and(eq(refreshTokens.hash, hash), isNull(refreshTokens.usedAt), gt(refreshTokens.expiresAt, clock)))
    .returning({ hash: refreshTokens.hash });
  return taken.length > 0;
}

/**
 * Locks the session, so that a revocation comes either before this rotation or after its new token. (It locks the
 * user's row as well: drizzle cannot say `of` for a table with a schema. No key update: foreign keys do not wait.)
 */
async function findToken(handle: Handle, hash: string) {
  const [row] = await handle
    .select({
      session: sessions.id,
      revokedAt: sessions.revokedAt,
      user: { id: users.id, username: users.username },
      usedForMs: sql<string | null>`(extract(epoch from clock_timestamp() - ${refreshTokens.usedAt}) * 1000)::text`,
    })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(refreshTokens.hash, hash))
    .for("no key update");
  if (row === undefined) return null;
  return {
    session: row.session as SessionId,
    isRevoked: row.revokedAt !== null,
    user: { id: row.user.id as UserId, username: row.user.username },
    usedForMs: row.usedForMs === null ? null : Number(row.usedForMs),
  };
}

async function issueToken(handle: Handle, session: SessionId, hash: string, expiresAt: Date): Promise<void> {
  await handle
    .delete(refreshTokens)
    .where(and(eq(refreshTokens.sessionId, session), lt(refreshTokens.expiresAt, clock)));
  await handle.insert(refreshTokens).values({ hash, sessionId: session, expiresAt });
  await handle
    .update(sessions)
    .set({ expiresAt: sql`greatest(${sessions.expiresAt}, ${expiresAt.toISOString()}::timestamptz)` })
    .where(eq(sessions.id, session));
}

async function revokeSession(handle: Handle, session: SessionId): Promise<boolean> {
  const revoked = await handle
    .update(sessions)
    .set({ revokedAt: clock })
    .where(and(eq(sessions.id, session), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  return revoked.length > 0;
}
