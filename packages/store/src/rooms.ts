import { newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Database, single } from "./database.ts";
import { listRooms } from "./room-list.ts";
import { roomNameKey } from "./room-name.ts";
import { events, members, roomEpochs, rooms } from "./schema.ts";
import type { RoomRecord, Rooms } from "./store.ts";

export function createRooms(database: Database): Rooms {
  return {
    create: (room) => createRoom(database, room),

    async find(room) {
      const [found] = await database.query((handle) =>
        handle
          .select({ id: rooms.id, name: rooms.name, visibility: rooms.visibility, topic: rooms.topic })
          .from(rooms)
          .where(and(eq(rooms.id, room), isNull(rooms.archivedAt))),
      );
      return found === undefined ? null : { ...found, id: found.id as RoomId };
    },

    list: (user, filter) => listRooms(database, user, filter),
    beginEpoch: (room, seen, jump) => beginEpoch(database, room, seen, jump),
  };
}

async function createRoom(database: Database, wanted: Parameters<Rooms["create"]>[0]): ReturnType<Rooms["create"]> {
  const { createdBy, creationId, ...shape } = wanted;
  const room = { id: newId<RoomId>(), ...shape };
  const isNew = await database.transaction(async (handle) => {
    const created = await handle
      .insert(rooms)
      .values({ ...room, nameKey: roomNameKey(room.name), createdBy, creationId: creationId ?? null })
      .onConflictDoNothing()
      .returning({ id: rooms.id });
    if (created.length > 0) await handle.insert(members).values({ roomId: room.id, userId: createdBy, role: "owner" });
    return created.length > 0;
  });
  if (isNew) return { ...room, isNew };
  const before = creationId === undefined ? undefined : await findCreated(database, createdBy, creationId);
  if (before === undefined) throw new ProtocolError("room_name_taken");
  return { ...before, isNew };
}

async function findCreated(database: Database, createdBy: UserId, creationId: string): Promise<RoomRecord | undefined> {
  const [found] = await database.query((handle) =>
    handle
      .select({ id: rooms.id, name: rooms.name, visibility: rooms.visibility, topic: rooms.topic })
      .from(rooms)
      .where(and(eq(rooms.createdBy, createdBy), eq(rooms.creationId, creationId))),
  );
  return found === undefined ? undefined : { ...found, id: found.id as RoomId };
}

/**
 * The row is locked by a statement of its own: the one that numbers then has a snapshot from behind the lock, and sees
 * the events that were committed while it waited.
 */
async function beginEpoch(database: Database, room: RoomId, seen: number, jump: number) {
  return database.transaction(async (handle) => {
    const locked = await handle.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, room)).for("update");
    if (locked.length === 0) throw new ProtocolError("unknown_room");
    const stored = sql`(select coalesce(max(${events.seq}), 0) from ${events} where ${events.roomId} = ${room})`;
    const jumped = sql`case when ${rooms.epoch} = 0 then 0 else ${jump}::bigint end`;
    const begun = await handle
      .update(rooms)
      .set({
        epoch: sql`${rooms.epoch} + 1`,
        epochFloor: sql`greatest(${seen}::bigint, ${rooms.epochFloor}, ${stored}) + ${jumped}`,
      })
      .where(eq(rooms.id, room))
      .returning({ epoch: rooms.epoch, head: rooms.epochFloor });
    const { epoch, head } = single(begun);
    await handle.insert(roomEpochs).values({ roomId: room, epoch, head });
    return { epoch, head };
  });
}
