import type { RoomId, UserId } from "@hubbub/protocol";
import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database, Statement } from "./database.ts";
import { users } from "./schema.ts";
import { blocks } from "./schema-invites.ts";
import type { Blocks } from "./store-rooms.ts";

const LISTED_MAX = 1_000;

const DIRECT_ROOMS: Statement = {
  name: "direct-rooms-of-two",
  text: `
    select r.id
    from hubbub.members one
    join hubbub.members other on other.room_id = one.room_id and other.user_id = $2
    join hubbub.rooms r on r.id = one.room_id and r.visibility = 'direct'
    where one.user_id = $1`,
};

export function createBlocks(database: Database): Blocks {
  return {
    async add(user, blocked) {
      await database.query((handle) =>
        handle.insert(blocks).values({ userId: user, blockedId: blocked }).onConflictDoNothing(),
      );
    },

    async remove(user, blocked) {
      await database.query((handle) =>
        handle.delete(blocks).where(and(eq(blocks.userId, user), eq(blocks.blockedId, blocked))),
      );
    },

    async has(user, blocked) {
      const isBlock = and(eq(blocks.userId, user), eq(blocks.blockedId, blocked));
      const found = await database.query((handle) =>
        handle.select({ user: blocks.userId }).from(blocks).where(isBlock),
      );
      return found.length > 0;
    },

    async blockersOf(blocked, users) {
      const isBlocker = and(inArray(blocks.userId, [...users]), eq(blocks.blockedId, blocked));
      const found = await database.query((handle) =>
        handle.select({ user: blocks.userId }).from(blocks).where(isBlocker),
      );
      return new Set(found.map(({ user }) => user as UserId));
    },

    async list(user) {
      const rows = await database.query((handle) =>
        handle
          .select({ id: users.id, username: users.username })
          .from(blocks)
          .innerJoin(users, eq(users.id, blocks.blockedId))
          .where(eq(blocks.userId, user))
          .orderBy(desc(blocks.createdAt))
          .limit(LISTED_MAX),
      );
      return rows.map(({ id, username }) => ({ id: id as UserId, username }));
    },

    async directRooms(user, other) {
      return (await database.run<{ id: RoomId }>(DIRECT_ROOMS, [user, other])).map(({ id }) => id);
    },
  };
}
