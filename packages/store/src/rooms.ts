import { newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { and, eq, isNull, sql } from "drizzle-orm";
import { announce } from "./announcements.ts";
import { type Database, type Statement, single } from "./database.ts";
import { jumpOf, nextEpoch } from "./epoch-jump.ts";
import { createRoomChanges } from "./room-changes.ts";
import { listRooms } from "./room-list.ts";
import { roomNameKey } from "./room-name.ts";
import { roomRecord, toRoomRecord } from "./room-record.ts";
import { events, members, roomEpochs, rooms } from "./schema.ts";
import type { RoomRecord, Rooms } from "./store-rooms.ts";

export function createRooms(database: Database): Rooms {
  return {
    create: (room) => createRoom(database, room),
    announce: (user, acting) => announce(database, user, acting),

    async find(room) {
      const [found] = await database.query((handle) =>
        handle
          .select(roomRecord)
          .from(rooms)
          .where(and(eq(rooms.id, room), isNull(rooms.archivedAt))),
      );
      return found === undefined ? null : toRoomRecord(found);
    },

    ...createRoomChanges(database),
    list: (user, filter) => listRooms(database, user, filter),
    beginEpoch: (room, seen, jump, epochSeen = 0) => beginEpoch(database, room, { seen, jump, epochSeen }),
    epochAround: (room, epoch) => epochAround(database, room, epoch),
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
      .select(roomRecord)
      .from(rooms)
      .where(and(eq(rooms.createdBy, createdBy), eq(rooms.creationId, creationId))),
  );
  return found === undefined ? undefined : toRoomRecord(found);
}

/** Of an epoch that the log had and this database did not: the database was set back to a state from before that epoch. */
const UNKNOWN_HEAD = -1;

/**
 * An epoch that was begun and never used has an earlier one's event after its beginning, and ends nothing. A look at a
 * primary key for each of those, and three more.
 */
const EPOCH_AROUND: Statement = {
  name: "room-epoch-around",
  text: `
    select
      own.head as begin, next.epoch, next.head
    from (select) as asked
    left join hubbub.room_epochs own on own.room_id = $1 and own.epoch = $2::bigint
    left join lateral (
      select later.epoch, later.head
      from hubbub.room_epochs later
      left join lateral (
        select epoch from hubbub.events where room_id = $1 and seq > later.head order by seq limit 1
      ) behind on true
      where later.room_id = $1 and later.epoch > $2::bigint and later.head > ${UNKNOWN_HEAD}
        and (behind.epoch is null or behind.epoch >= later.epoch)
      order by later.epoch limit 1
    ) next on true`,
};

async function epochAround(database: Database, room: RoomId, asked: number) {
  type Row = { begin: number | null } & ({ epoch: number; head: number } | { epoch: null; head: null });
  const { begin, epoch, head } = single(await database.run<Row>(EPOCH_AROUND, [room, asked]));
  return {
    isKnown: begin !== null,
    begin: begin === UNKNOWN_HEAD ? null : begin,
    next: epoch === null ? null : { epoch, head },
  };
}

/**
 * The row is locked by a statement of its own: the one that numbers then has a snapshot taken after the lock, and sees
 * the events that were committed while it waited.
 */
type Known = { readonly seen: number; readonly jump: number; readonly epochSeen: number };

async function beginEpoch(database: Database, room: RoomId, { seen, jump, epochSeen }: Known) {
  return database.transaction(async (handle) => {
    const [locked] = await handle.select({ epoch: rooms.epoch }).from(rooms).where(eq(rooms.id, room)).for("update");
    if (locked === undefined) throw new ProtocolError("unknown_room");
    const above = Math.max(locked.epoch, epochSeen);
    const epoch = nextEpoch(above);
    const jumped = above === 0 ? 0 : jumpOf(epoch, jump);
    const stored = sql`(select coalesce(max(${events.seq}), 0) from ${events} where ${events.roomId} = ${room})`;
    if (epochSeen > 0)
      await handle
        .insert(roomEpochs)
        .values({ roomId: room, epoch: epochSeen, head: UNKNOWN_HEAD })
        .onConflictDoNothing();
    const begun = await handle
      .update(rooms)
      .set({
        epoch,
        epochFloor: sql`greatest(${seen}::bigint, ${rooms.epochFloor}, ${stored}) + ${jumped}::bigint`,
      })
      .where(eq(rooms.id, room))
      .returning({ head: rooms.epochFloor });
    const { head } = single(begun);
    await handle.insert(roomEpochs).values({ roomId: room, epoch, head });
    return { epoch, head };
  });
}
