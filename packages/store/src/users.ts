import { newId, ProtocolError, type PublicUser, type UserId } from "@hubbub/protocol";
import { eq, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { users } from "./schema.ts";
import type { Users } from "./store.ts";

export function createUsers(database: Database): Users {
  return {
    async create({ username, email, passwordHash }) {
      const user: PublicUser = { id: newId<UserId>(), username };
      const created = await database.query((handle) =>
        handle
          .insert(users)
          .values({ ...user, email: email ?? null, passwordHash })
          .onConflictDoNothing()
          .returning({ id: users.id }),
      );
      if (created.length === 0) throw new ProtocolError("username_taken");
      return user;
    },

    async findByUsername(username) {
      const [user] = await database.query((handle) =>
        handle
          .select({ id: users.id, username: users.username, passwordHash: users.passwordHash })
          .from(users)
          .where(eq(sql`lower(${users.username})`, sql`lower(${username})`)),
      );
      return user === undefined ? null : { ...user, id: user.id as UserId };
    },

    async updatePasswordHash(user, passwordHash) {
      await database.query((handle) => handle.update(users).set({ passwordHash }).where(eq(users.id, user)));
    },
  };
}
