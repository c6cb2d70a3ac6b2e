import { QUERIES_AUTHOR, type RoomId, type UserId } from "@hubbub/protocol";
import { ask, type Database, type Statement } from "./database.ts";

/** Longer than a lease of the role `flows`: the process that had the source has stopped writing by then. */
const REST = "interval '10 seconds'";
/** Owns a source while its queries rest. */
const OWNER = "erasure";

export const NEXT_ROOM: Statement = {
  name: "erasures-next-room",
  text: `
    select e.room_id as room, coalesce(r.visibility = 'direct', false) as "isDirect", e.seq, e.up_to as "upTo",
      e.is_deleted as "isDeleted", not exists (
        select from hubbub.standing_queries q join hubbub.flow_sources f on f.room_id = q.source_id
        where q.room_id = e.room_id and f.owner = '${OWNER}' and f.expires_at > clock_timestamp()
      ) as "isDue"
    from hubbub.erasure_rooms e left join hubbub.rooms r on r.id = e.room_id
    where e.user_id = $1 order by "isDue" desc, e.room_id limit 1`,
};

/** A process that has read the source may still hold records of the user. Without the lease it writes none of them. */
export const FINISH_ROOM: Statement = {
  name: "erasures-finish-room",
  text: `
    with gone as (
      delete from hubbub.erasure_rooms where user_id = $1 and room_id = $2 returning room_id
    ), derived as (
      select q.room_id from hubbub.standing_queries q join gone on q.source_id = gone.room_id
    ), resting as (
      update hubbub.flow_sources set owner = '${OWNER}', token = token + 1, expires_at = clock_timestamp() + ${REST}
      where room_id in (select room_id from gone) and exists (select from derived)
    )
    insert into hubbub.erasure_rooms (user_id, room_id) select $1, room_id from derived on conflict do nothing`,
};

const EMPTY: Statement = {
  name: "erasures-empty-records",
  text: `
    update hubbub.events set extra = jsonb_set(extra, '{rows}', '[]')
    where room_id = $2 and seq > $3::bigint and seq <= $4::bigint and kind = 'data' and extra->'rows' <> '[]'
      and (user_id = $1 or (user_id = '${QUERIES_AUTHOR.id}' and extra->>'of' = $1::text))`,
};
/** Sees links that were sealed while the first statement waited for its rows. */
const FORGET_SALTS: Statement = {
  name: "erasures-forget-salts",
  text: `
    update hubbub.chain_links l set salt = null from hubbub.events e
    where l.room_id = $1 and l.seq > $2::bigint and l.seq <= $3::bigint and l.salt is not null
      and e.room_id = l.room_id and e.seq = l.seq and e.kind = 'data' and e.extra->'rows' = '[]'`,
};

export function emptyRecords(
  database: Database,
  user: UserId,
  room: RoomId,
  { after, to }: { readonly after: number; readonly to: number },
): Promise<void> {
  return database.transaction(async (handle) => {
    await ask(handle, EMPTY, [user, room, after, to]);
    await ask(handle, FORGET_SALTS, [room, after, to]);
  });
}
