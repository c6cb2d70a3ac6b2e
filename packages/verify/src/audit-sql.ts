import type { Statement } from "@hubbub/store/sql";

/** In front of every id. */
export const FIRST = "00000000-0000-0000-0000-000000000000";

const statement = (name: string, text: string): Statement => ({ name: `audit-${name}`, text });

export const ROOM = statement("room", "select id from hubbub.rooms where id = $1");

export const ROOMS = statement("rooms", "select id from hubbub.rooms where id > $1 order by id limit $2");

/** A jump from room to room along the primary keys: events are not read. */
export const EVENT_ROOMS = statement(
  "event-rooms",
  `
    with recursive found (id) as (
      (select room_id from hubbub.events where room_id > $1 order by room_id limit 1)
      union all
      select (select room_id from hubbub.events where room_id > found.id order by room_id limit 1)
      from found where found.id is not null
    )
    select id as room, exists (select from hubbub.rooms r where r.id = found.id) as "isKnown"
    from found where id is not null limit $2`,
);

export const HEADS = statement(
  "newest",
  "select seq, epoch from hubbub.events where room_id = $1 order by seq desc limit 1",
);

export const EPOCHS = statement(
  "epochs",
  "select epoch, head from hubbub.room_epochs where room_id = $1 and head >= 0 order by head, epoch",
);

/** The key is cut to what a double holds. */
export const ROWS = statement(
  "rows",
  `
    select seq, epoch, at, user_id as user, kind,
      hashtextextended(event_id, hashtextextended(user_id::text, 0)) & 9007199254740991 as key
    from hubbub.events where room_id = $1 and seq > $2 and seq <= $3 order by seq limit $4`,
);

export const EVENTS_AT = statement(
  "events-at",
  `
    select seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra, '' as username
    from hubbub.events where room_id = $1 and seq = any($2::bigint[])`,
);

export const MOVED = statement(
  "moved",
  "select lost_seq, seq from hubbub.moved_events where room_id = $1 and lost_seq = any($2::bigint[])",
);

export const FIND = statement(
  "find",
  `
    with page as (
      select seq, user_id, event_id from hubbub.events where room_id = $1 and seq > $2 order by seq limit $3
    )
    select whole.last, asked.user, asked.id
    from (select max(seq) as last from page) whole
    left join (
      select distinct named.user, named.id from page
      join unnest($4::uuid[], $5::text[]) as named ("user", id) on page.user_id = named.user and page.event_id = named.id
    ) asked on true`,
);

export const USERS = statement(
  "strangers",
  `
    select asked.id from unnest($1::uuid[]) as asked (id)
    where not exists (select from hubbub.users u where u.id = asked.id)`,
);

export const MEMBERS = statement(
  "members",
  `
    select m.room_id as room, m.user_id as user,
      exists (select from hubbub.users u where u.id = m.user_id) as "hasUser",
      exists (select from hubbub.rooms r where r.id = m.room_id) as "hasRoom"
    from hubbub.members m where (m.room_id, m.user_id) > ($1::uuid, $2::uuid)
    order by m.room_id, m.user_id limit $3`,
);

export const OFFSET = statement("offset", 'select "offset" from hubbub.shards where shard = $1');

export const SHARDS = statement("shards", "select coalesce(max(shard) + 1, 0) as count from hubbub.shards");

export const GENERATION = statement("generation", "select generation from hubbub.cluster");

export const LETTERS = statement("letters", "select count(*) as count from hubbub.dead_letters");
