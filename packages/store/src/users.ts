import { newId, ProtocolError, type PublicUser, skeletonOf, type UserId, usernameKey } from "@hubbub/protocol";
import { and, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { deleteIdleGuests } from "./idle-guests.ts";
import { users } from "./schema.ts";
import type { UserRecord, Users } from "./store-accounts.ts";

/** For this long a repeated creation id finds the user of the first call. */
const CREATION_WINDOW = sql`interval '10 minutes'`;

export function createUsers(database: Database): Users {
  const find = async (where: SQL | undefined): Promise<UserRecord | null> => {
    const [user] = await database.query((handle) =>
      handle
        .select({ id: users.id, username: users.username, passwordHash: users.passwordHash })
        .from(users)
        .where(where),
    );
    return user === undefined ? null : { ...user, id: user.id as UserId };
  };
  return {
    async create({ username, email, passwordHash, creationKey }) {
      const user: PublicUser = { id: newId<UserId>(), username };
      const created = await database.query((handle) =>
        handle
          .insert(users)
          .values({
            ...user,
            email: email ?? null,
            passwordHash,
            skeleton: skeletonOf(username),
            creationKey: creationKey ?? null,
          })
          .onConflictDoNothing()
          .returning({ id: users.id }),
      );
      if (created.length === 0) throw new ProtocolError("username_taken");
      return user;
    },

    find: (user) => find(eq(users.id, user)),

    findByUsername: (username) => find(eq(sql`lower(${users.username} collate "C")`, usernameKey(username))),

    findCreated: (creationKey) =>
      find(and(eq(users.creationKey, creationKey), sql`${users.createdAt} > clock_timestamp() - ${CREATION_WINDOW}`)),

    async looksTaken(username) {
      const [row] = await database.query((handle) =>
        handle
          .select({ id: users.id })
          .from(users)
          .where(and(eq(users.skeleton, skeletonOf(username)), isNotNull(users.passwordHash))),
      );
      return row !== undefined;
    },

    async updatePasswordHash(user, passwordHash, known) {
      const changed = await database.query((handle) =>
        handle
          .update(users)
          .set({ passwordHash })
          .where(and(eq(users.id, user), known === undefined ? undefined : eq(users.passwordHash, known)))
          .returning({ id: users.id }),
      );
      return changed.length > 0;
    },

    async countGuests() {
      const [row] = await database.query((handle) =>
        handle.select({ guests: sql<string>`count(*)` }).from(users).where(sql`${users.passwordHash} is null`),
      );
      return Number(row?.guests ?? 0);
    },

    deleteIdleGuests: (page) => deleteIdleGuests(database, page),
  };
}
