import { ProtocolError, type PublicUser, type RoomId, type UserId } from "@hubbub/protocol";
import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import { audited, writeAudit } from "./audit.ts";
import { decodeMemberCursor } from "./cursor.ts";
import type { Database, Handle } from "./database.ts";
import { endLinks, remove } from "./leave.ts";
import { users } from "./schema.ts";
import { bans, invitations } from "./schema-invites.ts";
import type { BanRecord, Bans } from "./store-rooms.ts";

const holds = () => or(isNull(bans.until), gt(bans.until, sql`now()`));

export function createBans(database: Database): Bans {
  return {
    add: (room, user, { by, address, reason, until }) =>
      database.transaction(async (handle) => {
        const departure = await remove(handle, room, user, { isRemoved: true });
        if (departure === "last_owner" || departure === "alone") throw new ProtocolError("last_owner");
        const set = { byId: by, reason, until };
        await handle
          .insert(bans)
          .values({ roomId: room, userId: user, ...set })
          .onConflictDoUpdate({ target: [bans.roomId, bans.userId], set });
        await handle.delete(invitations).where(and(eq(invitations.roomId, room), eq(invitations.userId, user)));
        await endLinks(handle, room, user);
        const details = until === null ? undefined : { until: until.getTime() };
        await writeAudit(handle, { by, address, act: "member_ban", room, subject: user, details, note: reason });
        return { wasMember: departure === "left" };
      }),

    remove: (room, user, acting) =>
      audited(database, { ...acting, act: "member_unban", room, subject: user }, (handle) =>
        handle
          .delete(bans)
          .where(and(eq(bans.roomId, room), eq(bans.userId, user)))
          .returning({ user: bans.userId }),
      ),

    async list(room, { cursor, limit }) {
      const after = cursor === undefined ? undefined : gt(bans.userId, decodeMemberCursor(cursor));
      const rows = await database.query((handle) =>
        handle
          .select({ ban: bans, username: users.username })
          .from(bans)
          .innerJoin(users, eq(users.id, bans.userId))
          .where(and(eq(bans.roomId, room), holds(), after))
          .orderBy(asc(bans.userId))
          .limit(limit + 1),
      );
      const shown = rows.slice(0, limit);
      return { bans: shown.map(toRecord), cursor: rows.length > limit ? shown.at(-1)?.ban.userId : undefined };
    },
  };
}

function toRecord({ ban, username }: { ban: typeof bans.$inferSelect; username: string }): BanRecord {
  const user: PublicUser = { id: ban.userId as UserId, username };
  const until = ban.until?.getTime();
  return { user, by: ban.byId as UserId, at: ban.createdAt.getTime(), reason: ban.reason, until };
}

/** @throws ProtocolError banned */
export async function refuseBanned(handle: Handle, room: RoomId, user: UserId): Promise<void> {
  const found = await handle
    .select({ user: bans.userId })
    .from(bans)
    .where(and(eq(bans.roomId, room), eq(bans.userId, user), holds()));
  if (found.length > 0) throw new ProtocolError("banned");
}
