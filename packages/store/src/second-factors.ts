import type { UserId } from "@hubbub/protocol";
import { and, eq, isNull, lt } from "drizzle-orm";
import { type Database, type Statement, single } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { clock } from "./refresh-tokens.ts";
import { recoveryCodes, totps } from "./schema-signin.ts";
import type { Factors, SecondFactors } from "./store-signin.ts";

const FACTORS: Statement = {
  name: "signin-factors",
  text: `
    select
      exists (select from hubbub.totps where user_id = $1 and confirmed_at is not null) as totp,
      exists (select from hubbub.passkeys where user_id = $1 and is_second_factor) as passkey,
      (select count(*) from hubbub.recovery_codes where user_id = $1 and used_at is null)::int as "recoveryCodes"`,
};

/** A confirmed secret stays. */
const BEGIN: Statement = {
  name: "totp-begin",
  text: `
    insert into hubbub.totps (user_id, secret) values ($1, $2)
    on conflict (user_id) do update set secret = excluded.secret, created_at = clock_timestamp(), last_step = 0
      where totps.confirmed_at is null
    returning 1`,
};

const RESET: Statement = {
  name: "signin-factors-reset",
  text: `
    with apps as (delete from hubbub.totps where user_id = $1 returning 1),
    codes as (delete from hubbub.recovery_codes where user_id = $1 returning 1),
    keys as (update hubbub.passkeys set is_second_factor = false where user_id = $1 and is_second_factor returning 1)
    select ((select count(*) from apps) + (select count(*) from keys))::int as count`,
};

export function createSecondFactors(database: Database): SecondFactors {
  return {
    of: async (user) => single(await database.run<Factors>(FACTORS, [user])),

    async begin(user, secret) {
      return (await database.run(BEGIN, [user, secret])).length > 0;
    },

    async find(user) {
      const [row] = await database.query((handle) =>
        handle
          .select({ secret: totps.secret, confirmedAt: totps.confirmedAt })
          .from(totps)
          .where(eq(totps.userId, user)),
      );
      return row === undefined ? null : { secret: row.secret, isConfirmed: row.confirmedAt !== null };
    },

    async useStep(user, secret, step) {
      const used = await database.query((handle) =>
        handle
          .update(totps)
          .set({ lastStep: step })
          .where(and(eq(totps.userId, user), eq(totps.secret, secret), lt(totps.lastStep, step)))
          .returning({ step: totps.lastStep }),
      );
      return used.length > 0;
    },

    async confirm(user) {
      const confirmed = await database.query((handle) =>
        handle
          .update(totps)
          .set({ confirmedAt: clock })
          .where(and(eq(totps.userId, user), isNull(totps.confirmedAt)))
          .returning({ user: totps.userId }),
      );
      return confirmed.length > 0;
    },

    async rewrap(user, known, secret) {
      await database.query((handle) =>
        handle
          .update(totps)
          .set({ secret })
          .where(and(eq(totps.userId, user), eq(totps.secret, known))),
      );
    },

    async remove(user) {
      const removed = await database.query((handle) =>
        handle.delete(totps).where(eq(totps.userId, user)).returning({ user: totps.userId }),
      );
      return removed.length > 0;
    },

    async reset(user) {
      const [row] = await database.run<{ count: number }>(RESET, [user]);
      return (row?.count ?? 0) > 0;
    },

    replaceRecoveryCodes: (user, hashes) => replaceRecoveryCodes(database, user, hashes),

    async useRecoveryCode(user, hash) {
      const used = await database.query((handle) =>
        handle
          .update(recoveryCodes)
          .set({ usedAt: clock })
          .where(and(eq(recoveryCodes.userId, user), eq(recoveryCodes.hash, hash), isNull(recoveryCodes.usedAt)))
          .returning({ hash: recoveryCodes.hash }),
      );
      return used.length > 0;
    },
  };
}

/** Calls for one user at once come one after the other: the codes of the last one stay. */
async function replaceRecoveryCodes(database: Database, user: UserId, hashes: readonly string[]): Promise<void> {
  await database.transaction(async (handle) => {
    await lockUser(handle, user);
    await handle.delete(recoveryCodes).where(eq(recoveryCodes.userId, user));
    await handle.insert(recoveryCodes).values(hashes.map((hash) => ({ userId: user, hash })));
  });
}
