import type { UserId } from "@hubbub/protocol";
import { and, eq, isNull, lt } from "drizzle-orm";
import { audited, writeAudit } from "./audit.ts";
import { type Database, type Statement, single } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { clock } from "./refresh-tokens.ts";
import { passkeys, recoveryCodes, totps } from "./schema-signin.ts";
import type { Acting } from "./store-audit.ts";
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

    confirm: (user, acting) =>
      audited(database, { by: user, ...acting, act: "totp_on", subject: user }, (handle) =>
        handle
          .update(totps)
          .set({ confirmedAt: clock })
          .where(and(eq(totps.userId, user), isNull(totps.confirmedAt)))
          .returning({ user: totps.userId }),
      ),

    async rewrap(user, known, secret) {
      await database.query((handle) =>
        handle
          .update(totps)
          .set({ secret })
          .where(and(eq(totps.userId, user), eq(totps.secret, known))),
      );
    },

    remove: (user, acting) =>
      audited(database, { by: user, ...acting, act: "totp_off", subject: user }, (handle) =>
        handle.delete(totps).where(eq(totps.userId, user)).returning({ user: totps.userId }),
      ),

    reset: (user, acting) =>
      audited(database, { by: user, ...acting, act: "factors_reset", subject: user }, async (handle) => {
        const apps = await handle.delete(totps).where(eq(totps.userId, user)).returning({ user: totps.userId });
        await handle.delete(recoveryCodes).where(eq(recoveryCodes.userId, user));
        const isFactor = and(eq(passkeys.userId, user), passkeys.isSecondFactor);
        const set = { isSecondFactor: false };
        return [...apps, ...(await handle.update(passkeys).set(set).where(isFactor).returning({ id: passkeys.id }))];
      }),

    replaceRecoveryCodes: (user, hashes, acting) => replaceRecoveryCodes(database, user, hashes, acting),

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
async function replaceRecoveryCodes(
  database: Database,
  user: UserId,
  hashes: readonly string[],
  acting: Acting | undefined,
): Promise<void> {
  await database.transaction(async (handle) => {
    await lockUser(handle, user);
    await handle.delete(recoveryCodes).where(eq(recoveryCodes.userId, user));
    await handle.insert(recoveryCodes).values(hashes.map((hash) => ({ userId: user, hash })));
    await writeAudit(handle, { by: user, ...acting, act: "recovery_codes", subject: user });
  });
}
