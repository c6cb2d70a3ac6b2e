import { newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { and, eq, gte, isNotNull, isNull, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import { type Database, type Statement, single } from "./database.ts";
import { isTaken } from "./is-taken.ts";
import { eraseRoom } from "./room-erasure.ts";
import { roomNameKey } from "./room-name.ts";
import { directName, roomRecord, toRoomRecord } from "./room-record.ts";
import { members, rooms } from "./schema.ts";
import type { Acting, AuditAct } from "./store-audit.ts";
import type { RoomRecord, Rooms } from "./store-rooms.ts";

type Changes = Pick<
  Rooms,
  "change" | "setArchived" | "close" | "isClosedOf" | "reopen" | "erase" | "direct" | "directNames"
>;

const DIRECT_NAMES: Statement = {
  name: "rooms-direct-names",
  text: `
    select case when r.visibility = 'direct' then coalesce(${directName("r.id", "$1::uuid")}, '') end as name
    from unnest($2::uuid[]) with ordinality as asked (id, position) left join hubbub.rooms r on r.id = asked.id
    order by asked.position`,
};

const isOpen = (room: RoomId) => and(eq(rooms.id, room), isNull(rooms.archivedAt));

export function createRoomChanges(database: Database): Changes {
  return {
    change: (room, change, acting) => changeRoom(database, room, change, acting),
    setArchived: (room, isArchived, acting) =>
      update(database, isOpen(room), archiveAs(isArchived), {
        ...acting,
        act: isArchived ? "room_archive" : "room_unarchive",
        room,
      }),

    async close(room, acting) {
      const act = { ...acting, act: "room_delete" as const, room };
      return (await update(database, isOpen(room), { archivedAt: new Date() }, act)) !== null;
    },

    async isClosedOf(room, user) {
      const isOwner = and(eq(members.roomId, room), eq(members.userId, user), eq(members.role, "owner"));
      const closed = await database.query((handle) =>
        handle
          .select({ id: rooms.id })
          .from(rooms)
          .innerJoin(members, eq(members.roomId, rooms.id))
          .where(and(eq(rooms.id, room), isNotNull(rooms.archivedAt), isOwner)),
      );
      return closed.length > 0;
    },

    async reopen(room, closedSince, acting) {
      const isClosed = and(eq(rooms.id, room), gte(rooms.archivedAt, closedSince));
      const act = { ...acting, act: "room_reopen" as const, room };
      return (await update(database, isClosed, { archivedAt: null }, act)) !== null;
    },

    erase: (closedBefore, limit) => eraseRoom(database, closedBefore, limit),
    direct: (users) => openDirect(database, users),

    async directNames(user, ids) {
      const rows = await database.run<{ name: string | null }>(DIRECT_NAMES, [user, ids]);
      return rows.map(({ name }) => name);
    },
  };
}

const archiveAs = (isArchived: boolean): Change => ({
  settings: isArchived
    ? sql`coalesce(${rooms.settings}, '{}'::jsonb) || '{"archived": true}'`
    : sql`nullif(${rooms.settings} - 'archived', '{}'::jsonb)`,
});

/** The audit says that name and topic were changed, and not to what: people may be named in them. */
async function changeRoom(
  database: Database,
  room: RoomId,
  { name, topic, settings }: Parameters<Rooms["change"]>[1],
  acting: Acting,
): Promise<RoomRecord | null> {
  const kept = sql`case when ${rooms.settings} ? 'archived' then '{"archived": true}'::jsonb else '{}'::jsonb end`;
  const set = {
    ...(name === undefined ? {} : { name, nameKey: roomNameKey(name) }),
    ...(topic === undefined ? {} : { topic }),
    ...(settings === undefined
      ? {}
      : { settings: sql`nullif(${JSON.stringify(settings)}::jsonb || ${kept}, '{}'::jsonb)` }),
  };
  const changed = Object.entries({ name, topic, settings }).flatMap(([key, value]) => (value === undefined ? [] : key));
  const details = { changed, ...(settings === undefined ? {} : { settings }) };
  return await update(database, isOpen(room), set, { ...acting, act: "room_change", room, details });
}

type Change = Parameters<ReturnType<Parameters<Parameters<Database["query"]>[0]>[0]["update"]>["set"]>[0];

async function update(
  database: Database,
  where: ReturnType<typeof isOpen>,
  set: Change,
  act: AuditAct,
): Promise<RoomRecord | null> {
  return await refuseTakenName(() =>
    database.transaction(async (handle) => {
      const [changed] = await handle.update(rooms).set(set).where(where).returning(roomRecord);
      if (changed === undefined) return null;
      await writeAudit(handle, act);
      return toRoomRecord(changed);
    }),
  );
}

async function refuseTakenName<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isTaken(error)) throw new ProtocolError("room_name_taken");
    throw error;
  }
}

/** Two calls at once: the second finds the room of the first. */
async function openDirect(database: Database, users: readonly UserId[]): ReturnType<Rooms["direct"]> {
  const directKey = users.toSorted().join();
  const room = { id: newId<RoomId>(), name: "", topic: "", visibility: "direct" as const };
  return await database.transaction(async (handle) => {
    const blocked = await handle.execute<{ one: number }>(sql`
      select 1 as one from hubbub.blocks where user_id = any(${sql.param(users)}::uuid[]) and blocked_id = any(${sql.param(users)}::uuid[]) limit 1`);
    if ([...(blocked as unknown as { rows: unknown[] }).rows].length > 0) {
      throw new ProtocolError("forbidden", "one of these users has blocked another");
    }
    const made = await handle
      .insert(rooms)
      .values({ ...room, nameKey: "", directKey })
      .onConflictDoNothing()
      .returning({ id: rooms.id });
    if (made.length > 0) {
      await handle
        .insert(members)
        .values(users.map((userId) => ({ roomId: room.id, userId, role: "member" as const })));
      return { ...room, isNew: true };
    }
    const found = await handle
      .select(roomRecord)
      .from(rooms)
      .where(and(eq(rooms.directKey, directKey), isNull(rooms.archivedAt)));
    return { ...toRoomRecord(single(found)), isNew: false };
  });
}
