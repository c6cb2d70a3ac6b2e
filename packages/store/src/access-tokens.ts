import { isBot, newId, type PublicUser, type SessionId, type UserId } from "@hubbub/protocol";
import { and, desc, eq, gt, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { clock } from "./refresh-tokens.ts";
import { sessions, users } from "./schema.ts";
import { suspensions } from "./schema-admin.ts";
import { accessTokens, tokenSessions } from "./schema-signin.ts";
import type { Suspension } from "./store-admin.ts";
import type { Acting, AuditAct } from "./store-audit.ts";
import type { AccessToken, AccessTokens } from "./store-signin.ts";
import { findSuspension, holds, refuseSuspended, suspended } from "./suspended.ts";

const isLiving = gt(accessTokens.expiresAt, clock);
/** A row is written at most once in this time, however often its token is used. */
const NOTED_MS = 60_000;
const NOTED_BEFORE = sql`clock_timestamp() - interval '1 minute'`;

const COLUMNS = {
  id: accessTokens.id,
  name: accessTokens.name,
  scopes: accessTokens.scopes,
  createdAt: accessTokens.createdAt,
  expiresAt: accessTokens.expiresAt,
  usedAt: accessTokens.usedAt,
};

export function createAccessTokens(database: Database): AccessTokens {
  return {
    create: (user, { scopes, ...token }, max, acting) =>
      database.transaction(async (handle) => {
        await lockUser(handle, user);
        if ((await handle.$count(accessTokens, and(eq(accessTokens.userId, user), isLiving))) >= max) return null;
        const values = { ...token, id: newId(), userId: user, scopes: [...scopes] };
        const [created] = await handle.insert(accessTokens).values(values).returning(COLUMNS);
        const details = { token: values.id, scopes, until: token.expiresAt.getTime() };
        await writeAudit(handle, { by: user, ...acting, act: "token_create", subject: user, details });
        return created ?? null;
      }),

    list: (user) =>
      database.query((handle) =>
        handle
          .select(COLUMNS)
          .from(accessTokens)
          .where(and(eq(accessTokens.userId, user), isLiving))
          .orderBy(desc(accessTokens.createdAt), accessTokens.id),
      ),

    async use(hash) {
      const found = await find(database, hash);
      if (found === null) return null;
      if (found.suspension !== null) throw suspended(found.suspension);
      if (found.usedAt === null || Date.now() - found.usedAt.getTime() > NOTED_MS) await noteUse(database, found.id);
      const session = found.session ?? (await beginSession(database, found));
      return session === null ? null : { ...found, session };
    },

    async revoke(user, id, acting) {
      const own = and(eq(accessTokens.id, id), eq(accessTokens.userId, user));
      const { tokens, sessions: ended } = await revokeAudited(database, own, tokensEnd(user, acting));
      return tokens === 0 ? null : ended;
    },
    revokeAll: (user, acting) => revokeAudited(database, eq(accessTokens.userId, user), tokensEnd(user, acting)),
  };
}

const tokensEnd = (user: UserId, acting: Acting | undefined): AuditAct => ({
  by: user,
  ...acting,
  act: "token_revoke",
  subject: user,
});

/** One entry, with the ids of the tokens. */
function revokeAudited(database: Database, where: SQL | undefined, act: AuditAct) {
  return database.transaction(async (handle) => {
    const { tokens, sessions: ended } = await revokeWhere(handle, where);
    if (tokens.length > 0) await writeAudit(handle, { ...act, details: { tokens } });
    return { tokens: tokens.length, sessions: ended };
  });
}

async function revokeWhere(handle: Handle, where: SQL | undefined) {
  const locked = await handle.select({ id: accessTokens.id }).from(accessTokens).where(where).for("update");
  const tokens = locked.map(({ id }) => id);
  if (tokens.length === 0) return { tokens, sessions: [] };
  const ofTokens = handle
    .select({ id: tokenSessions.sessionId })
    .from(tokenSessions)
    .where(inArray(tokenSessions.tokenId, tokens));
  const ended = await handle
    .update(sessions)
    .set({ revokedAt: clock })
    .where(and(inArray(sessions.id, ofTokens), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  await handle.delete(accessTokens).where(inArray(accessTokens.id, tokens));
  return { tokens, sessions: ended.map(({ id }) => id as SessionId) };
}

type Found = AccessToken & {
  readonly user: PublicUser;
  readonly session: SessionId | null;
  readonly suspension: Pick<Suspension, "reason" | "until"> | null;
};

const suspension = { reason: suspensions.reason, until: suspensions.until };

async function find(database: Database, hash: string): Promise<Found | null> {
  const [row] = await database.query((handle) =>
    handle
      .select({ ...COLUMNS, user: { id: users.id, username: users.username }, session: livingSession, suspension })
      .from(accessTokens)
      .innerJoin(users, eq(users.id, accessTokens.userId))
      .leftJoin(suspensions, and(eq(suspensions.userId, accessTokens.userId), holds))
      .where(and(eq(accessTokens.hash, hash), isLiving)),
  );
  if (row === undefined) return null;
  const user = { ...row.user, id: row.user.id as UserId };
  const ofOwner = isBot(user.id) ? await database.query((handle) => findSuspension(handle, user.id)) : null;
  return { ...row, user, suspension: ofOwner ?? row.suspension };
}

const livingSession = sql<SessionId | null>`(
  select s.id from hubbub.token_sessions t join hubbub.sessions s on s.id = t.session_id
  where t.token_id = hubbub.access_tokens.id and s.revoked_at is null limit 1
)`;

async function noteUse(database: Database, id: string): Promise<void> {
  const isDue = or(isNull(accessTokens.usedAt), lt(accessTokens.usedAt, NOTED_BEFORE));
  await database.query((handle) =>
    handle
      .update(accessTokens)
      .set({ usedAt: clock })
      .where(and(eq(accessTokens.id, id), isDue)),
  );
}

/** null: the token was revoked meanwhile. Of racing calls one begins the session, and the others find it. */
async function beginSession(database: Database, { id, user, name, expiresAt }: Found): Promise<SessionId | null> {
  return await database.transaction(async (handle) => {
    // As for a login: a suspension comes before this and is found, or after it and ends the session.
    await lockUser(handle, user.id);
    await refuseSuspended(handle, user.id);
    const known = await lockToken(handle, id);
    if (known === undefined || known !== null) return known ?? null;
    const session = newId<SessionId>();
    await handle.insert(sessions).values({ id: session, userId: user.id, expiresAt, agent: name });
    await handle.insert(tokenSessions).values({ sessionId: session, tokenId: id });
    return session;
  });
}

/** The token's living session, null without one; undefined: no such token. */
async function lockToken(handle: Handle, id: string): Promise<SessionId | null | undefined> {
  const ofToken = eq(accessTokens.id, id);
  const [token] = await handle.select({ id: accessTokens.id }).from(accessTokens).where(ofToken).for("update");
  if (token === undefined) return undefined;
  // A statement of its own: it sees what the holder of the lock has committed.
  const [row] = await handle.select({ session: livingSession }).from(accessTokens).where(ofToken);
  return row?.session ?? null;
}
