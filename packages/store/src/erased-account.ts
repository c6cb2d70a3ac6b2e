import { randomBytes } from "node:crypto";
import type { SessionId, UserId } from "@hubbub/protocol";
import { eq, inArray, or, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import { botsOf } from "./bots-of.ts";
import type { Database, Handle } from "./database.ts";
import { isTaken } from "./is-taken.ts";
import { lockUser } from "./lock-user.ts";
import { sessions, userStatus, users } from "./schema.ts";
import { mailCodes, profiles } from "./schema-accounts.ts";
import { serverRoles, suspensions } from "./schema-admin.ts";
import { bots } from "./schema-bots.ts";
import { drafts } from "./schema-drafts.ts";
import { erasures } from "./schema-erasure.ts";
import { exports } from "./schema-exports.ts";
import { fileContents } from "./schema-files.ts";
import { bans, blocks, invitations, invites } from "./schema-invites.ts";
import { accessTokens, identities, passkeys, recoveryCodes, signinSteps, totps } from "./schema-signin.ts";
import { revokeWhere } from "./sessions.ts";
import type { Acting } from "./store-audit.ts";
import { deleteTasksOf } from "./tasks.ts";

const SHOWN_AS = "deleted user";
const NAME_BYTES = 6;
/** Names are random: a second try meets no name that somebody took on purpose. */
const TRIES = 5;

/** See `Erasures.request`. */
export async function emptyAccount(
  database: Database,
  user: UserId,
  at: Date,
  acting: Acting | undefined,
): Promise<readonly SessionId[] | null> {
  for (let left = TRIES; ; left -= 1) {
    const username = `deleted-${randomBytes(NAME_BYTES).toString("hex")}`;
    try {
      return await database.transaction((handle) => empty(handle, user, { username, at, acting }));
    } catch (error) {
      if (left === 1 || !isTaken(error)) throw error;
    }
  }
}

/** A login that runs at the same time waits for the row of the user, and then finds no password to compare with. */
async function empty(
  handle: Handle,
  user: UserId,
  { username, at, acting }: { username: string; at: Date; acting: Acting | undefined },
): Promise<readonly SessionId[] | null> {
  await lockUser(handle, user);
  const [found] = await handle.select({ id: users.id }).from(users).where(eq(users.id, user));
  if (found === undefined) return null;
  const noted = { userId: user, requestedAt: at };
  const entries = await handle
    .insert(erasures)
    .values(noted)
    .onConflictDoNothing()
    .returning({ user: erasures.userId });
  if (entries.length === 0) return null;
  const nothing = { skeleton: null, email: null, emailVerifiedAt: null, passwordHash: null, creationKey: null };
  await handle
    .update(users)
    .set({ username, ...nothing })
    .where(eq(users.id, user));
  await orphanAvatar(handle, user);
  const profile = { displayName: SHOWN_AS, timeZone: null, about: null, avatar: null };
  await handle
    .insert(profiles)
    .values({ userId: user, ...profile })
    .onConflictDoUpdate({ target: profiles.userId, set: profile });
  await deleteOwn(handle, user);
  await writeAudit(handle, { by: user, ...acting, act: "account_erase", subject: user });
  const ofBots = await deleteBots(handle, user);
  const ended = await revokeWhere(handle, inArray(sessions.userId, [user, ...ofBots]));
  await handle.update(sessions).set({ address: null, agent: null }).where(eq(sessions.userId, user));
  return ended;
}

/** The sweep removes the content. */
async function orphanAvatar(handle: Handle, user: UserId): Promise<void> {
  const avatar = handle.select({ hash: profiles.avatar }).from(profiles).where(eq(profiles.userId, user));
  await handle
    .update(fileContents)
    .set({ orphanedAt: sql`clock_timestamp()` })
    .where(inArray(fileContents.hash, avatar));
}

/** With their hooks and tokens. The accounts stay as authors. */
async function deleteBots(handle: Handle, owner: UserId): Promise<readonly string[]> {
  const ids = [...(await botsOf(handle, owner))];
  if (ids.length === 0) return [];
  await handle.delete(bots).where(inArray(bots.userId, ids));
  await handle.delete(accessTokens).where(inArray(accessTokens.userId, ids));
  return ids;
}

/** Bounded by what a user may have of each. */
async function deleteOwn(handle: Handle, user: UserId): Promise<void> {
  for (const table of [
    totps,
    recoveryCodes,
    passkeys,
    accessTokens,
    identities,
    signinSteps,
    mailCodes,
    userStatus,
    drafts,
    serverRoles,
    suspensions,
    bans,
  ])
    await handle.delete(table).where(eq(table.userId, user));
  await handle
    .update(exports)
    .set({ state: "expired", expiresAt: sql`least(${exports.expiresAt}, clock_timestamp())` })
    .where(eq(exports.userId, user));
  await deleteTasksOf(handle, user);
  await handle.delete(invites).where(eq(invites.byId, user));
  await handle.delete(invitations).where(or(eq(invitations.userId, user), eq(invitations.byId, user)));
  await handle.delete(blocks).where(or(eq(blocks.userId, user), eq(blocks.blockedId, user)));
}
