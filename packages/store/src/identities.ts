import { newId, type PublicUser } from "@hubbub/protocol";
import { and, asc, eq } from "drizzle-orm";
import { audited, writeAudit } from "./audit.ts";
import type { Database, Statement } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { identities } from "./schema-signin.ts";
import type { Identities } from "./store-signin.ts";

const USE: Statement = {
  name: "identity-use",
  text: `
    update hubbub.identities i set used_at = clock_timestamp() from hubbub.users u
    where i.issuer = $1 and i.subject = $2 and u.id = i.user_id
    returning u.id, u.username`,
};

export function createIdentities(database: Database): Identities {
  return {
    async use(issuer, subject) {
      const [user] = await database.run<PublicUser>(USE, [issuer, subject]);
      return user ?? null;
    },

    link: (user, { issuer, subject }, max, acting) =>
      database.transaction(async (handle) => {
        await lockUser(handle, user);
        const same = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
        const ownerOf = async () =>
          (await handle.select({ user: identities.userId }).from(identities).where(same))[0]?.user;
        const known = await ownerOf();
        if (known !== undefined) return known === user ? "linked" : "taken";
        if ((await handle.$count(identities, eq(identities.userId, user))) >= max) return "full";
        await handle.insert(identities).values({ id: newId(), userId: user, issuer, subject }).onConflictDoNothing();
        if ((await ownerOf()) !== user) return "taken";
        await writeAudit(handle, { by: user, ...acting, act: "identity_link", subject: user, details: { issuer } });
        return "linked";
      }),

    list: (user) =>
      database.query((handle) =>
        handle
          .select({
            id: identities.id,
            issuer: identities.issuer,
            subject: identities.subject,
            createdAt: identities.createdAt,
            usedAt: identities.usedAt,
          })
          .from(identities)
          .where(eq(identities.userId, user))
          .orderBy(asc(identities.createdAt), identities.id),
      ),

    remove: (user, id, acting) =>
      audited(database, { by: user, ...acting, act: "identity_unlink", subject: user }, (handle) =>
        handle
          .delete(identities)
          .where(and(eq(identities.id, id), eq(identities.userId, user)))
          .returning({ id: identities.id }),
      ),
  };
}
