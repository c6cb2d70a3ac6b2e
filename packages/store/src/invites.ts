import { newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { audited, writeAudit } from "./audit.ts";
import { refuseBanned } from "./bans.ts";
import { type Database, type Handle, single } from "./database.ts";
import { roomRecord, toRoomRecord } from "./room-record.ts";
import { departures, members, rooms, users } from "./schema.ts";
import { invitations, invites } from "./schema-invites.ts";
import type { InviteRecord, Invites } from "./store-rooms.ts";

/** Links of one room that can be used at one time, and invitations that one user is shown. */
const LISTED_MAX = 100;

const isUsable = () => and(gt(invites.expiresAt, sql`now()`), gt(invites.usesLeft, 0));

export function createInvites(database: Database): Invites {
  return {
    create: ({ room, by, address, codeHash, role, expiresAt, uses }) =>
      database.transaction(async (handle) => {
        const row = { id: newId(), roomId: room, byId: by, codeHash, role, expiresAt, usesLeft: uses };
        const made = single(await handle.insert(invites).values(row).returning());
        const details = { invite: made.id, role, uses, until: expiresAt.getTime() };
        await writeAudit(handle, { by, address, act: "invite_create", room, details });
        return toRecord(made);
      }),

    async list(room) {
      const rows = await database.query((handle) =>
        handle
          .select()
          .from(invites)
          .where(and(eq(invites.roomId, room), isUsable()))
          .orderBy(desc(invites.createdAt))
          .limit(LISTED_MAX),
      );
      return rows.map(toRecord);
    },

    revoke: (room, id, acting) =>
      audited(database, { ...acting, act: "invite_revoke", room, details: { invite: id } }, (handle) =>
        handle
          .delete(invites)
          .where(and(eq(invites.roomId, room), eq(invites.id, id)))
          .returning({ id: invites.id }),
      ),

    async find(codeHash) {
      const count = sql<number>`(select count(*)::int from ${members} where ${members.roomId} = ${rooms.id})`;
      const [found] = await database.query((handle) =>
        handle
          .select({ ...roomRecord, members: count, role: invites.role })
          .from(invites)
          .innerJoin(rooms, and(eq(rooms.id, invites.roomId), isNull(rooms.archivedAt)))
          .where(and(eq(invites.codeHash, codeHash), isUsable())),
      );
      if (found === undefined) return null;
      const { members: inRoom, role, ...room } = found;
      return { room: toRoomRecord(room), members: inRoom, role };
    },

    use: (codeHash, user) =>
      database.transaction(async (handle) => {
        const used = await handle
          .update(invites)
          .set({ usesLeft: sql`${invites.usesLeft} - 1` })
          .where(and(eq(invites.codeHash, codeHash), isUsable()))
          .returning({ room: invites.roomId });
        for (const { room } of used) {
          await refuseBanned(handle, room as RoomId, user);
          await refuseRemoved(handle, room as RoomId, user);
        }
        return used.length > 0;
      }),

    inviteUser: (room, user, by, address) =>
      database.transaction(async (handle) => {
        await refuseBanned(handle, room, user);
        const isMember = and(eq(members.roomId, room), eq(members.userId, user));
        if ((await handle.select({ user: members.userId }).from(members).where(isMember)).length > 0) return false;
        const added = await handle
          .insert(invitations)
          .values({ roomId: room, userId: user, byId: by })
          .onConflictDoNothing()
          .returning({ user: invitations.userId });
        if (added.length > 0) await writeAudit(handle, { by, address, act: "invitation_create", room, subject: user });
        return added.length > 0;
      }),

    async invitations(user) {
      const rows = await database.query((handle) =>
        handle
          .select({
            room: rooms.id,
            name: rooms.name,
            id: users.id,
            username: users.username,
            at: invitations.createdAt,
          })
          .from(invitations)
          .innerJoin(rooms, and(eq(rooms.id, invitations.roomId), isNull(rooms.archivedAt)))
          .innerJoin(users, eq(users.id, invitations.byId))
          .where(eq(invitations.userId, user))
          .orderBy(desc(invitations.createdAt))
          .limit(LISTED_MAX),
      );
      return rows.map(({ room, name, id, username, at }) => ({
        room: room as RoomId,
        name,
        by: { id: id as UserId, username },
        at: at.getTime(),
      }));
    },

    async isInvited(room, user) {
      const found = await database.query((handle) =>
        handle
          .select({ room: invitations.roomId })
          .from(invitations)
          .where(and(eq(invitations.roomId, room), eq(invitations.userId, user))),
      );
      return found.length > 0;
    },

    async takeInvitation(room, user) {
      const gone = await database.query((handle) =>
        handle
          .delete(invitations)
          .where(and(eq(invitations.roomId, room), eq(invitations.userId, user)))
          .returning({ user: invitations.userId }),
      );
      return gone.length > 0;
    },

    async deleteExpired(limit) {
      const expired = sql`(select id from ${invites} where ${lt(invites.expiresAt, sql`now()`)} limit ${limit})`;
      const gone = await database.query((handle) =>
        handle.delete(invites).where(sql`${invites.id} in ${expired}`).returning({ id: invites.id }),
      );
      return gone.length;
    },
  };
}

async function refuseRemoved(handle: Handle, room: RoomId, user: UserId): Promise<void> {
  const isRemoved = and(eq(departures.roomId, room), eq(departures.userId, user), eq(departures.isRemoved, true));
  const found = await handle.select({ user: departures.userId }).from(departures).where(isRemoved);
  if (found.length > 0) throw new ProtocolError("forbidden", "you were removed from the room; ask for an invitation");
}

function toRecord(row: typeof invites.$inferSelect): InviteRecord {
  const { id, role, byId, createdAt, expiresAt, usesLeft } = row;
  return { id, role, by: byId as UserId, createdAt: createdAt.getTime(), expiresAt: expiresAt.getTime(), usesLeft };
}
