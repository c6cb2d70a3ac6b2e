import { ProtocolError, type UserId } from "@hubbub/protocol";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle, Statement } from "./database.ts";
import { isTaken } from "./is-taken.ts";
import { clock } from "./refresh-tokens.ts";
import { sessions, users } from "./schema.ts";
import { mailCodes } from "./schema-accounts.ts";
import { revokeWhere } from "./sessions.ts";
import type { ConfirmedEmail, MailCodes, NewMailCode } from "./store-own-account.ts";
import { voidCodes } from "./void-codes.ts";

const usable = and(isNull(mailCodes.usedAt), gt(mailCodes.expiresAt, clock));

const DELETE_EXPIRED: Statement = {
  name: "mail-codes-delete-expired",
  text: `
    with expired as (
      select hash from hubbub.mail_codes where expires_at < $1 limit $2 for update skip locked
    ), deleted as (
      delete from hubbub.mail_codes where hash in (select hash from expired) returning hash
    )
    select count(*)::int as deleted from deleted`,
};

export function createMailCodes(database: Database): MailCodes {
  return {
    issue: (code, perHour) => database.transaction((handle) => issue(handle, code, perHour)),

    async findReset(hash) {
      const [row] = await database.query((handle) =>
        handle
          .select({ user: users.id, username: users.username })
          .from(mailCodes)
          .innerJoin(users, eq(users.id, mailCodes.userId))
          .where(and(eq(mailCodes.hash, hash), eq(mailCodes.purpose, "reset"), usable)),
      );
      return row === undefined ? null : { ...row, user: row.user as UserId };
    },

    confirm: (hash, from) =>
      database
        .transaction((handle) => confirm(handle, hash, from))
        .catch((error: unknown) => {
          throw isTaken(error) ? new ProtocolError("email_taken") : error;
        }),

    reset: (hash, passwordHash, from) =>
      database.transaction(async (handle) => {
        const owner = await lockOwner(handle, hash, "reset");
        if (owner === null || !(await take(handle, hash))) return null;
        const { user, username, address } = owner;
        await handle.update(users).set({ passwordHash }).where(eq(users.id, user));
        await voidCodes(handle, user);
        await writeAudit(handle, { by: user, address: from, act: "password_reset", subject: user });
        return { user, username, address, ended: await revokeWhere(handle, eq(sessions.userId, user)) };
      }),

    async deleteExpired(before, limit) {
      const [row] = await database.run<{ deleted: number }>(DELETE_EXPIRED, [before, limit]);
      return row?.deleted ?? 0;
    },
  };
}

/** Locks the user, so that the bound holds for racing calls. */
async function issue(handle: Handle, code: NewMailCode, perHour: number): Promise<boolean> {
  const { hash, user, purpose, address, ttlMs } = code;
  const ofUser = eq(users.id, user);
  const found = await handle.select({ id: users.id }).from(users).where(ofUser).for("no key update");
  const lately = sql`${mailCodes.createdAt} > clock_timestamp() - interval '1 hour'`;
  const count = await handle.$count(mailCodes, and(eq(mailCodes.userId, user), lately));
  if (found.length === 0 || count >= perHour) return false;
  const expiresAt = sql`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`;
  await handle.insert(mailCodes).values({ hash, userId: user, purpose, address, createdAt: clock, expiresAt });
  return true;
}

/** The code's user after the lock of the user's row. Whether the code can still be used is not known yet. */
async function lockOwner(handle: Handle, hash: string, purpose: "confirm" | "reset") {
  const isCode = and(eq(mailCodes.hash, hash), eq(mailCodes.purpose, purpose), gt(mailCodes.expiresAt, clock));
  const [code] = await handle
    .select({ user: mailCodes.userId, address: mailCodes.address })
    .from(mailCodes)
    .where(isCode);
  if (code === undefined) return null;
  const present = { username: users.username, email: users.email, verifiedAt: users.emailVerifiedAt };
  const [row] = await handle.select(present).from(users).where(eq(users.id, code.user)).for("no key update");
  return row === undefined ? null : { ...row, user: code.user as UserId, address: code.address };
}

/** Exactly one call gets true. */
async function take(handle: Handle, hash: string): Promise<boolean> {
  const taken = await handle
    .update(mailCodes)
    .set({ usedAt: clock })
    .where(and(eq(mailCodes.hash, hash), usable))
    .returning({ hash: mailCodes.hash });
  return taken.length > 0;
}

async function confirm(handle: Handle, hash: string, from: string | undefined): Promise<ConfirmedEmail | null> {
  const owner = await lockOwner(handle, hash, "confirm");
  if (owner === null) return null;
  const { user, username, address } = owner;
  const verified = owner.verifiedAt === null ? null : owner.email;
  if (!(await take(handle, hash))) return verified === address ? { user, username, address, previous: null } : null;
  await handle.update(users).set({ email: address, emailVerifiedAt: clock }).where(eq(users.id, user));
  await voidCodes(handle, user);
  const details = { verified: true };
  await writeAudit(handle, { by: user, address: from, act: "email_change", subject: user, details });
  return { user, username, address, previous: verified === address ? null : verified };
}
