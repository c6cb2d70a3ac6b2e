import type { RoomId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";

const OF_ROOM = "one.room_id = $1";
/** For keys that begin with the user. */
const OF_PEOPLE = `
  one.room_id = $1 and one.user_id in (
    select user_id from hubbub.members where room_id = $1 union all select user_id from hubbub.departures where room_id = $1
  )`;

/** What rooms hold without a foreign key, and which rows are found by an index. */
const HELD = [
  ["events", OF_ROOM],
  ["message_state", OF_ROOM],
  ["reactions", OF_ROOM],
  ["mentions", OF_ROOM],
  ["moved_events", OF_ROOM],
  ["search_documents", OF_ROOM],
  ["chain_links", OF_ROOM],
  ["room_chains", OF_ROOM],
  ["dead_letters", OF_ROOM],
  ["reports", OF_ROOM],
  ["thread_follows", OF_PEOPLE],
  ["room_preferences", OF_PEOPLE],
] as const;

/** The room that was closed first. Its row is locked for the one statement only: each is right however often it runs. */
const CLOSED: Statement = {
  name: "rooms-closed",
  text: "select id from hubbub.rooms where archived_at < $1 order by archived_at limit 1",
};

/** Somebody may have opened the room again meanwhile. */
const CLOSED_STILL = "select from hubbub.rooms where id = $1 and archived_at is not null";

/** At most `$2` rows of each table. All rows of a room are in one partition, where `ctid` is unique. */
const HELD_ROWS: Statement = {
  name: "rooms-erase-held",
  text: `
    with ${HELD.map(
      ([table, condition]) => `
      ${table}_gone as (
        delete from hubbub.${table} where room_id = $1 and exists (${CLOSED_STILL}) and ctid in (
          select one.ctid from hubbub.${table} one where ${condition} limit $2
        ) returning 1
      )`,
    ).join()}, files_gone as (
      update hubbub.files set released_at = clock_timestamp() where id in (
        select id from hubbub.files where room_id = $1 and exists (${CLOSED_STILL}) and event_id is not null and released_at is null limit $2
      ) returning 1
    )
    select (${[...HELD.map(([table]) => table), "files"].map((table) => `(select count(*) from ${table}_gone)`).join(" + ")})::int as deleted`,
};

/** The room goes with its last members. */
const ROOM: Statement = {
  name: "rooms-erase",
  text: `
    with members_gone as (
      delete from hubbub.members where room_id = $1 and exists (${CLOSED_STILL}) and user_id in (
        select user_id from hubbub.members where room_id = $1 limit $2
      ) returning 1
    ), room_gone as (
      delete from hubbub.rooms where id = $1 and archived_at < $3 and (select count(*) from members_gone) < $2 returning 1
    )
    select ((select count(*) from members_gone) + (select count(*) from room_gone))::int as deleted`,
};

/** One batch of the room that was closed first. Files are released: their sweep removes them. */
export async function eraseRoom(database: Database, closedBefore: Date, limit: number): Promise<number> {
  const [closed] = await database.run<{ id: RoomId }>(CLOSED, [closedBefore]);
  if (closed === undefined) return 0;
  const { deleted } = single(await database.run<{ deleted: number }>(HELD_ROWS, [closed.id, limit]));
  if (deleted > 0) return deleted;
  return single(await database.run<{ deleted: number }>(ROOM, [closed.id, limit, closedBefore])).deleted;
}
