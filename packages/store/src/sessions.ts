import { newId, ProtocolError, type SessionId, type UserId } from "@hubbub/protocol";
import { and, desc, eq, gt, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { clock, rotate } from "./refresh-tokens.ts";
import { refreshTokens, sessions, users } from "./schema.ts";
import type { Sessions } from "./store-accounts.ts";
import type { Acting } from "./store-audit.ts";
import { refuseSuspended } from "./suspended.ts";
import { deleteEndedSessions, truncateAddresses } from "./sweep.ts";

const living = and(isNull(sessions.revokedAt), gt(sessions.expiresAt, clock));
/** Not of a personal access token: those are listed and end apart. */
const isLogin = sql`not exists (select from hubbub.token_sessions t where t.session_id = ${sessions.id})`;

export function createSessions(database: Database): Sessions {
  return {
    create: (user, { refreshHash, expiresAt, address, agent, max, passwordHash, isGuest }) =>
      database.transaction(async (handle) => {
        // One login of a user at a time: two at once would both find room for one more session. A change of the
        // password waits for this row too, and ends the sessions after it: a login with the old one comes before that,
        // or not at all.
        const present = { passwordHash: users.passwordHash };
        const [row] = await handle.select(present).from(users).where(eq(users.id, user)).for("no key update");
        if (passwordHash !== undefined && row?.passwordHash !== passwordHash)
          throw new ProtocolError("bad_credentials", "the password was changed meanwhile");
        await refuseSuspended(handle, user);
        const ended = await revokeBeyond(handle, user, max - 1);
        const session = newId<SessionId>();
        await handle.insert(sessions).values({ id: session, userId: user, expiresAt, address, agent });
        await handle.insert(refreshTokens).values({ hash: refreshHash, sessionId: session, expiresAt });
        const details = { session, ...(ended.length === 0 ? {} : { ended: ended.length }) };
        if (isGuest !== true) await writeAudit(handle, { by: user, address, act: "login", subject: user, details });
        return { session, ended };
      }),

    rotate: (rotation) => database.transaction((handle) => rotate(handle, rotation)),

    async revoke(session, acting) {
      return (await endAudited(database, eq(sessions.id, session), acting)).length > 0;
    },

    revokeAll: (user, { except } = {}, acting) => {
      const isOther = except === undefined ? undefined : ne(sessions.id, except);
      return endAudited(database, and(eq(sessions.userId, user), isOther), acting);
    },

    async revokeOwn(user, session, acting) {
      const where = and(eq(sessions.id, session), eq(sessions.userId, user), gt(sessions.expiresAt, clock));
      return (await endAudited(database, where, acting)).length > 0;
    },

    async isRevoked(session) {
      return (await revokedAmong(database, [session])).length > 0;
    },
    revokedAmong: (asked) => revokedAmong(database, asked),

    async untold(since, limit) {
      const rows = await database.query((handle) =>
        handle
          .select({ id: sessions.id })
          .from(sessions)
          .where(and(isNull(sessions.toldAt), gt(sessions.revokedAt, since)))
          .orderBy(sessions.revokedAt)
          .limit(limit),
      );
      return rows.map(({ id }) => id as SessionId);
    },

    async setTold(told) {
      await database.query((handle) =>
        handle
          .update(sessions)
          .set({ toldAt: clock })
          .where(inArray(sessions.id, [...told])),
      );
    },

    async setUntold(since) {
      await database.query((handle) =>
        handle.update(sessions).set({ toldAt: null }).where(gt(sessions.revokedAt, since)),
      );
    },

    list: (user) => listSessions(database, user),

    async isKnownAddress(user, address) {
      const [row] = await database.query((handle) =>
        handle
          .select({ id: sessions.id })
          .from(sessions)
          .where(and(eq(sessions.userId, user), eq(sessions.address, address), living))
          .limit(1),
      );
      return row !== undefined;
    },

    deleteEnded: (before, limit) => deleteEndedSessions(database, before, limit),
    truncateAddresses: (before, limit) => truncateAddresses(database, before, limit),
  };
}

async function listSessions(database: Database, user: UserId): ReturnType<Sessions["list"]> {
  const rows = await database.query((handle) =>
    handle
      .select({
        id: sessions.id,
        createdAt: sessions.createdAt,
        usedAt: sessions.usedAt,
        address: sessions.address,
        agent: sessions.agent,
      })
      .from(sessions)
      .where(and(eq(sessions.userId, user), living, isLogin))
      .orderBy(desc(sessions.usedAt), sessions.id),
  );
  return rows.map((row) => ({ ...row, id: row.id as SessionId }));
}

async function revokedAmong(database: Database, asked: readonly SessionId[]): Promise<SessionId[]> {
  if (asked.length === 0) return [];
  const rows = await database.query((handle) =>
    handle
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(inArray(sessions.id, [...asked]), isNotNull(sessions.revokedAt))),
  );
  return rows.map(({ id }) => id as SessionId);
}

/** Ends the least recently used sessions of a user, so that `kept` are left. */
async function revokeBeyond(handle: Handle, user: UserId, kept: number): Promise<readonly SessionId[]> {
  const surplus = handle
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, user), living, isLogin))
    .orderBy(desc(sessions.usedAt), sessions.id)
    .offset(kept);
  return await revokeWhere(handle, inArray(sessions.id, surplus));
}

/** All of one user. */
async function endAudited(
  database: Database,
  where: ReturnType<typeof and>,
  acting: Acting | undefined,
): Promise<SessionId[]> {
  return await database.transaction(async (handle) => {
    const ended = await revoke(handle, where);
    const [first] = ended;
    if (first === undefined) return [];
    const subject = first.user as UserId;
    const details = ended.length === 1 ? { session: first.id } : { sessions: ended.length };
    await writeAudit(handle, { by: subject, ...acting, act: "session_end", subject, details });
    return ended.map(({ id }) => id as SessionId);
  });
}

function revoke(handle: Handle, where: ReturnType<typeof and>) {
  return handle
    .update(sessions)
    .set({ revokedAt: clock })
    .where(and(where, isNull(sessions.revokedAt)))
    .returning({ id: sessions.id, user: sessions.userId });
}

export async function revokeWhere(handle: Handle, where: ReturnType<typeof and>): Promise<SessionId[]> {
  const revoked = await revoke(handle, where);
  return revoked.map(({ id }) => id as SessionId);
}
