import type { Role, RoomId, RoomSettings, UserId, Visibility } from "@hubbub/protocol";
import { decodeRoomCursor, encodeRoomCursor } from "./cursor.ts";
import type { Database, Statement } from "./database.ts";
import { roomNameKey } from "./room-name.ts";
import type { Rooms } from "./store-rooms.ts";

type Filter = Parameters<Rooms["list"]>[1];

/**
 * Public rooms that one page of a search reads. A page that finds fewer rooms than its limit continues by its cursor.
 */
export const SEARCHED_AT_ONCE = 2_000;

/**
 * A window of the public rooms in the order of their keys, one index range whatever the number of rooms, and the user's
 * own rooms after the same key. `last_key`, `last_id`: where the window ends, on every row; one row even if nothing is
 * found.
 */
export const ROOM_PAGE: Statement = {
  name: "rooms-page",
  text: `
    with looked_at as materialized (
      select id, name, name_key, visibility, topic, settings from hubbub.rooms
      where visibility = 'public' and archived_at is null
        and (name_key collate "C", id) > ($2::text, $3::uuid) and name_key collate "C" <= $4::text
      order by name_key collate "C", id limit $5::int
    ), own as materialized (
      select r.id, r.name, r.name_key, r.visibility, r.topic, r.settings
      from hubbub.members m join hubbub.rooms r on r.id = m.room_id
      where m.user_id = $1 and r.archived_at is null and ($7 = 'all' or ($7 = 'private' and r.visibility <> 'public'))
        and (r.name_key collate "C", r.id) > ($2::text, $3::uuid) and r.name_key collate "C" <= $4::text
    ), found as (
      select one.*, (select role from hubbub.members where room_id = one.id and user_id = $1) as role
      from (select * from looked_at union all select * from own) one
      where strpos(one.name_key, $6::text) > 0
    )
    select edge.*, found.*
    from (
      select count(*)::int as looked, max(name_key collate "C") as last_key,
        (select id from looked_at order by name_key collate "C" desc, id desc limit 1) as last_id
      from looked_at
    ) edge
    left join (
      select * from found where $7 <> 'none' or role is null order by name_key collate "C", id limit $8::int
    ) found on true
    order by found.name_key collate "C", found.id`,
};

interface Row {
  readonly looked: number;
  readonly last_key: string | null;
  readonly last_id: string | null;
  readonly id: string | null;
  readonly name: string;
  readonly name_key: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly settings: RoomSettings | null;
  readonly role: Role | null;
}

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_KEY = "\u{10ffff}";

export async function listRooms(database: Database, user: UserId, filter: Filter): ReturnType<Rooms["list"]> {
  const rows = await database.run<Row>(ROOM_PAGE, toParameters(user, filter));
  const window = toWindow(filter);
  const [first] = rows;
  const isCut = window > 0 && first?.looked === window;
  const found = rows.filter((row) => row.id !== null && !(isCut && isBehind(row, first)));
  const shown = found.slice(0, filter.limit);
  const last = shown.at(-1);
  const rooms = shown.map(({ id, name, visibility, topic, settings, role }) => ({
    id: id as RoomId,
    name,
    visibility,
    topic,
    ...(settings === null ? {} : { settings }),
    role,
  }));
  if (found.length > filter.limit && last !== undefined) {
    return { rooms, cursor: encodeRoomCursor({ id: last.id ?? "", key: last.name_key }) };
  }
  if (!isCut || first?.last_key == null) return { rooms, cursor: undefined };
  return { rooms, cursor: encodeRoomCursor({ id: first.last_id ?? "", key: first.last_key }) };
}

function toWindow({ joined, query, limit }: Filter): number {
  if (joined === true) return 0;
  return query === undefined ? limit + 1 : SEARCHED_AT_ONCE;
}

function toParameters(user: UserId, filter: Filter): unknown[] {
  const { joined, query, name, cursor, limit } = filter;
  const exact = name === undefined ? undefined : roomNameKey(name);
  const from = cursor === undefined ? { key: exact ?? "", id: FIRST_ID } : decodeRoomCursor(cursor);
  const own = joined === undefined ? "private" : joined ? "all" : "none";
  const needle = query === undefined ? "" : roomNameKey(query);
  return [user, from.key, from.id, exact ?? LAST_KEY, toWindow(filter), needle, own, limit + 1];
}

/** Own rooms after the window wait for the page that reaches them. */
function isBehind(row: Row, { last_key, last_id }: Row): boolean {
  const order = Buffer.compare(Buffer.from(row.name_key), Buffer.from(last_key ?? ""));
  return order > 0 || (order === 0 && (row.id ?? "") > (last_id ?? ""));
}
