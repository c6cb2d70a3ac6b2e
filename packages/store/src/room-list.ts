import type { RoomId, UserId } from "@hubbub/protocol";
import { and, eq, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { decodeRoomCursor, encodeRoomCursor } from "./cursor.ts";
import type { Database } from "./database.ts";
import { members, rooms } from "./schema.ts";
import type { Rooms } from "./store.ts";

type Filter = Parameters<Rooms["list"]>[1];

export async function listRooms(database: Database, user: UserId, filter: Filter): ReturnType<Rooms["list"]> {
  const rows = await database.query((handle) =>
    handle
      .select({
        id: rooms.id,
        name: rooms.name,
        visibility: rooms.visibility,
        topic: rooms.topic,
        role: members.role,
      })
      .from(rooms)
      .leftJoin(members, and(eq(members.roomId, rooms.id), eq(members.userId, user)))
      .where(and(visible(filter.joined), matching(filter.query), behind(filter.cursor)))
      .orderBy(sql`lower(${rooms.name})`, rooms.id)
      .limit(filter.limit + 1),
  );
  const shown = rows.slice(0, filter.limit).map((row) => ({ ...row, id: row.id as RoomId }));
  const last = rows.length > filter.limit ? shown.at(-1) : undefined;
  return { rooms: shown, cursor: last === undefined ? undefined : encodeRoomCursor(last) };
}

function visible(joined: boolean | undefined): SQL | undefined {
  if (joined === true) return isNotNull(members.userId);
  const open = eq(rooms.visibility, "public");
  return joined === false ? and(open, isNull(members.userId)) : or(open, isNotNull(members.userId));
}

/** Part of the name, case-insensitive, without wildcards. */
function matching(query: string | undefined): SQL | undefined {
  return query === undefined ? undefined : sql`strpos(lower(${rooms.name}), lower(${query})) > 0`;
}

function behind(cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const { name, id } = decodeRoomCursor(cursor);
  return sql`(lower(${rooms.name}), ${rooms.id}) > (lower(${name}), ${id}::uuid)`;
}
