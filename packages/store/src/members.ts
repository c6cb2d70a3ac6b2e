import { ProtocolError, type Role, type RoomId, type UserId } from "@hubbub/protocol";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { audited } from "./audit.ts";
import { refuseBanned } from "./bans.ts";
import { decodeMemberCursor } from "./cursor.ts";
import { type Database, type Handle, type Statement, single } from "./database.ts";
import { leave, removeMember, setRole } from "./leave.ts";
import { departures, members, rooms, users } from "./schema.ts";
import { invitations } from "./schema-invites.ts";
import { createStandings } from "./standings.ts";
import type { Members, WayIn } from "./store-rooms.ts";

const EXCEED: Statement = {
  name: "members-exceed",
  text: `
    select count(*) > $2::int as exceeds
    from (select from hubbub.members where room_id = $1 limit $2::int + 1) m`,
};

export function createMembers(database: Database): Members {
  return {
    ...createStandings(database),
    add: (room, user, role, way = "brought", head = 0) => add(database, { room, user, role, way, head }),
    leave: (room, user, how) => leave(database, room, user, how),
    remove: (room, user, acting) => removeMember(database, room, user, acting),
    setRole: (room, user, role, acting) => setRole(database, { room, user, role }, acting),

    async hasLeft(room, user) {
      const [found] = await database.query((handle) => findDeparture(handle, room, user));
      return found?.isRemoved === false;
    },

    mute(room, user, until, acting) {
      const act = until === null ? "member_unmute" : "member_mute";
      const details = until === null ? undefined : { until: until.getTime() };
      return audited(database, { ...acting, act, room, subject: user, details }, (handle) =>
        handle
          .update(members)
          .set({ mutedUntil: until })
          .where(and(eq(members.roomId, room), eq(members.userId, user)))
          .returning({ user: members.userId }),
      );
    },

    async exceed(room, count) {
      return single(await database.run<{ exceeds: boolean }>(EXCEED, [room, count])).exceeds;
    },

    list: (room, page) => listMembers(database, room, page),
  };
}

/** The shared lock waits while the room is being closed, and the row then says so. */
async function add(
  database: Database,
  { room, user, role, way, head }: { room: RoomId; user: UserId; role: Role; way: WayIn; head: number },
): Promise<boolean> {
  return database.transaction(async (handle) => {
    const isOpen = and(eq(rooms.id, room), isNull(rooms.archivedAt));
    const open = await handle.select({ id: rooms.id }).from(rooms).where(isOpen).for("share");
    if (open.length === 0) throw new ProtocolError("unknown_room");
    await refuseBanned(handle, room, user);
    const [departure] = await findDeparture(handle, room, user);
    if (departure?.isRemoved === false && way === "brought") throw new ProtocolError("has_left");
    if (departure?.isRemoved === true && way === "asked")
      throw new ProtocolError("forbidden", "you were removed from the room; ask for an invitation");
    const added = await handle
      .insert(members)
      .values({
        roomId: room,
        userId: user,
        role: departure?.wasGuest === true && way === "asked" ? "guest" : role,
        joinedSeq: head,
        mutedUntil: departure?.mutedUntil ?? null,
      })
      .onConflictDoNothing()
      .returning({ userId: members.userId });
    await handle.delete(invitations).where(and(eq(invitations.roomId, room), eq(invitations.userId, user)));
    if (departure !== undefined) await handle.delete(departures).where(isDeparture(room, user));
    return added.length > 0;
  });
}

const isDeparture = (room: RoomId, user: UserId) => and(eq(departures.roomId, room), eq(departures.userId, user));

function findDeparture(handle: Handle, room: RoomId, user: UserId) {
  const { isRemoved, mutedUntil, wasGuest } = departures;
  return handle.select({ isRemoved, mutedUntil, wasGuest }).from(departures).where(isDeparture(room, user));
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
