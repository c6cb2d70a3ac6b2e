import type { Role, RoomId, UserId } from "@hubbub/protocol";
import { and, asc, eq, gt } from "drizzle-orm";
import { decodeMemberCursor } from "./cursor.ts";
import type { Database, Statement } from "./database.ts";
import { members, users } from "./schema.ts";
import type { Members } from "./store.ts";

const ROLES: Statement = {
  name: "member-roles",
  text: `
    select m.role
    from unnest($1::uuid[], $2::uuid[]) with ordinality as pair (room_id, user_id, position)
    left join hubbub.members m on m.room_id = pair.room_id and m.user_id = pair.user_id
    order by pair.position`,
};

export function createMembers(database: Database): Members {
  return {
    async add(room, user, role) {
      const added = await database.query((handle) =>
        handle
          .insert(members)
          .values({ roomId: room, userId: user, role })
          .onConflictDoNothing()
          .returning({ userId: members.userId }),
      );
      return added.length > 0;
    },

    async remove(room, user) {
      const removed = await database.query((handle) =>
        handle
          .delete(members)
          .where(and(eq(members.roomId, room), eq(members.userId, user)))
          .returning({ userId: members.userId }),
      );
      return removed.length > 0;
    },

    async roles(pairs) {
      const rooms = pairs.map((pair) => pair.room);
      const people = pairs.map((pair) => pair.user);
      const rows = await database.run<{ role: Role | null }>(ROLES, [rooms, people]);
      return rows.map((row) => row.role);
    },

    list: (room, page) => listMembers(database, room, page),
  };
}

/** By user id, which is the order in which people signed up: the primary key gives a page without a sort. */
async function listMembers(
  database: Database,
  room: RoomId,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): ReturnType<Members["list"]> {
  const after = cursor === undefined ? undefined : gt(members.userId, decodeMemberCursor(cursor));
  const rows = await database.query((handle) =>
    handle
      .select({ id: users.id, username: users.username, role: members.role })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.roomId, room), after))
      .orderBy(asc(members.userId))
      .limit(limit + 1),
  );
  const shown = rows.slice(0, limit);
  return {
    members: shown.map(({ id, username, role }) => ({ user: { id: id as UserId, username }, role })),
    cursor: rows.length > limit ? shown.at(-1)?.id : undefined,
  };
}
