import type { SessionId, UserId } from "@hubbub/protocol";
import { and, desc, eq, gt, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { writeAudit } from "./audit.ts";
import type { Handle } from "./database.ts";
import { refreshTokens, sessions, users } from "./schema.ts";
import type { Rotation, RotationRequest } from "./store-accounts.ts";

/** Used tokens of a session that are kept to detect their reuse. */
const USED_TOKENS_KEPT = 100;

// The clock of the statement, not now(), which is the transaction's start: a call that waited for the row of a racing
// one must see its own time after the other's.
export const clock = sql<Date>`clock_timestamp()`;

export async function rotate(handle: Handle, request: RotationRequest): Promise<Rotation> {
  const isWinner = await takeToken(handle, request);
  const found = await findToken(handle, request.oldHash);
  // A client cannot tell expired, revoked and never issued tokens apart.
  if (found === null || found.isEnded || found.usedForMs === null) return { state: "unknown" };
  const { session, user, salt } = found;
  if (isWinner) {
    await issueToken(handle, found, request);
    return { state: "rotated", session, user, salt: request.salt };
  }
  if (found.usedForMs >= request.graceMs || found.isSuccessorUsed) {
    await handle.update(sessions).set({ revokedAt: clock }).where(eq(sessions.id, session));
    const { address } = request;
    const reuse = { act: "refresh_reused", subject: user.id, outcome: "refused", details: { session } } as const;
    await writeAudit(handle, { by: "unknown", address, ...reuse });
    return { state: "reused", session, user };
  }
  return salt === null ? { state: "unknown" } : { state: "grace", session, user, salt };
}

/** Exactly one of any number of racing calls gets true: the others wait for its row and then see it used. */
async function takeToken(handle: Handle, { oldHash, newHash, salt }: RotationRequest): Promise<boolean> {
  const taken = await handle
    .update(refreshTokens)
    .set({ usedAt: clock, salt, successor: newHash })
    .where(and(eq(refreshTokens.hash, oldHash), isNull(refreshTokens.usedAt), gt(refreshTokens.expiresAt, clock)))
    .returning({ hash: refreshTokens.hash });
  return taken.length > 0;
}

/**
 * Locks the session, so that a revocation comes either before this rotation or after its new token. It does not lock the user:
 * a call that ends all sessions of a user locks that row first, and would wait for this one. (`of` takes no table with a schema, but an alias.)
 */
async function findToken(handle: Handle, hash: string) {
  const session = alias(sessions, "session");
  const [row] = await handle
    .select({
      session: session.id,
      createdAt: session.createdAt,
      revokedAt: session.revokedAt,
      user: { id: users.id, username: users.username, passwordHash: users.passwordHash },
      usedForMs: sql<string | null>`(extract(epoch from clock_timestamp() - ${refreshTokens.usedAt}) * 1000)::text`,
      salt: refreshTokens.salt,
      isSuccessorUsed: sql<boolean>`exists (
        select from hubbub.refresh_tokens later where later.hash = ${refreshTokens.successor} and later.used_at is not null
      )`,
    })
    .from(refreshTokens)
    .innerJoin(session, eq(session.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, session.userId))
    .where(eq(refreshTokens.hash, hash))
    .for("no key update", { of: session });
  if (row === undefined) return null;
  return {
    session: row.session as SessionId,
    createdAt: row.createdAt,
    isEnded: row.revokedAt !== null,
    isGuest: row.user.passwordHash === null,
    user: { id: row.user.id as UserId, username: row.user.username },
    usedForMs: row.usedForMs === null ? null : Number(row.usedForMs),
    salt: row.salt,
    isSuccessorUsed: row.isSuccessorUsed,
  };
}

async function issueToken(
  handle: Handle,
  { session, createdAt, isGuest }: { session: SessionId; createdAt: Date; isGuest: boolean },
  { newHash, expiryOf, address }: RotationRequest,
): Promise<void> {
  const expiresAt = expiryOf({ createdAt, isGuest });
  const ofSession = eq(refreshTokens.sessionId, session);
  const [oldest] = await handle
    .select({ usedAt: refreshTokens.usedAt })
    .from(refreshTokens)
    .where(and(ofSession, isNotNull(refreshTokens.usedAt)))
    .orderBy(desc(refreshTokens.usedAt))
    .offset(USED_TOKENS_KEPT - 1)
    .limit(1);
  if (oldest?.usedAt) await handle.delete(refreshTokens).where(and(ofSession, lt(refreshTokens.usedAt, oldest.usedAt)));
  await handle.insert(refreshTokens).values({ hash: newHash, sessionId: session, expiresAt });
  await handle
    .update(sessions)
    .set({ expiresAt, usedAt: clock, ...(address === undefined ? {} : { address }) })
    .where(eq(sessions.id, session));
}
