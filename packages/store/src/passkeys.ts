import type { UserId } from "@hubbub/protocol";
import { and, asc, eq, lt, type SQL } from "drizzle-orm";
import { audited, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { clock } from "./refresh-tokens.ts";
import { users } from "./schema.ts";
import { passkeys } from "./schema-signin.ts";
import type { Passkey, Passkeys } from "./store-signin.ts";

export function createPasskeys(database: Database): Passkeys {
  const select = async (where: SQL): Promise<Passkey[]> => {
    const rows = await database.query((handle) =>
      handle
        .select({
          id: passkeys.id,
          user: { id: users.id, username: users.username },
          name: passkeys.name,
          publicKey: passkeys.publicKey,
          counter: passkeys.counter,
          transports: passkeys.transports,
          isSecondFactor: passkeys.isSecondFactor,
          createdAt: passkeys.createdAt,
          usedAt: passkeys.usedAt,
        })
        .from(passkeys)
        .innerJoin(users, eq(users.id, passkeys.userId))
        .where(where)
        .orderBy(asc(passkeys.createdAt), passkeys.id),
    );
    return rows.map((row) => ({ ...row, user: { ...row.user, id: row.user.id as UserId } }));
  };
  return {
    add: (user, { transports, ...passkey }, max, acting) =>
      database.transaction(async (handle) => {
        await lockUser(handle, user);
        if ((await handle.$count(passkeys, eq(passkeys.userId, user))) >= max) return "full";
        const added = await handle
          .insert(passkeys)
          .values({ ...passkey, userId: user, transports: [...transports] })
          .onConflictDoNothing()
          .returning({ id: passkeys.id });
        if (added.length === 0) return "exists";
        const details = { passkey: passkey.id, isSecondFactor: passkey.isSecondFactor };
        await writeAudit(handle, { by: user, ...acting, act: "passkey_add", subject: user, details });
        return "added";
      }),

    list: (user) => select(eq(passkeys.userId, user)),

    async find(id) {
      const [passkey] = await select(eq(passkeys.id, id));
      return passkey ?? null;
    },

    async use(id, counter) {
      const rises = counter === 0 ? eq(passkeys.counter, 0) : lt(passkeys.counter, counter);
      const used = await database.query((handle) =>
        handle
          .update(passkeys)
          .set({ counter, usedAt: clock })
          .where(and(eq(passkeys.id, id), rises))
          .returning({ id: passkeys.id }),
      );
      return used.length > 0;
    },

    remove: (user, id, acting) =>
      audited(
        database,
        { by: user, ...acting, act: "passkey_remove", subject: user, details: { passkey: id } },
        (handle) =>
          handle
            .delete(passkeys)
            .where(and(eq(passkeys.id, id), eq(passkeys.userId, user)))
            .returning({ id: passkeys.id }),
      ),
  };
}
