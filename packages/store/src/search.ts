import type { RoomId, UserId } from "@hubbub/protocol";
import { type SQL, sql } from "drizzle-orm";
import { type Database, type Statement, single } from "./database.ts";
import { roomNameKey } from "./room-name.ts";
import type { Found, FoundMessage, Search, SearchBounds, SearchFilter, SearchPlace } from "./store-search.ts";

/**
 * What a user may read: rooms, and above which seq. The one place of these rights: a rule for messages of before a user
 * joined belongs here.
 */
const READABLE = `
  select m.room_id, case when r.settings->>'history' = 'joined' then m.joined_seq else 0 end as above
  from hubbub.members m join hubbub.rooms r on r.id = m.room_id and r.archived_at is null
  where m.user_id = $1`;

/** A statement with values that are known when it is planned, because the best plan depends on them. */
interface Look {
  readonly user: UserId;
  readonly filter: SearchFilter;
  readonly behind: SearchPlace;
  readonly bounds: SearchBounds;
}

export function createSearch(database: Database): Search {
  return {
    async isReady() {
      return single(await database.run<{ found: boolean }>(IS_READY, [])).found;
    },
    resolve: (user, names) => resolve(database, user, names),
    scan: (user, filter, behind, bounds) => scan(database, { user, filter, behind, bounds }),
    lookUp: (user, filter, behind, bounds) => lookUp(database, { user, filter, behind, bounds }),
    async read(user, keys) {
      const [rooms, seqs] = [keys.map(({ room }) => room), keys.map(({ seq }) => seq)];
      const rows = await database.run<FoundRow>(READ, [user, rooms, seqs]);
      return rows.map(({ userId, username, ...row }) => ({ ...row, by: { id: userId, username } }));
    },
  };
}

const IS_READY: Statement = {
  name: "search-ready",
  text: "select to_regclass('hubbub.search_documents_text_idx') is not null as found",
};

type FoundRow = Omit<FoundMessage, "by"> & { readonly userId: UserId; readonly username: string };

const READ: Statement = {
  name: "search-read",
  text: `
    select e.room_id as room, e.seq, e.at, e.user_id as "userId", coalesce(u.username, 'unknown') as username,
      coalesce(s.text, e.text, '') as text, e.target as thread,
      s.edited_seq is not null as "isEdited", s.pinned_seq is not null as "isPinned"
    from unnest($2::uuid[], $3::bigint[]) as f (room_id, seq)
    join (${READABLE}) r on r.room_id = f.room_id and f.seq > r.above
    cross join lateral (
      select * from hubbub.events e where e.room_id = f.room_id and e.seq = f.seq and e.kind = 'message' limit 1
    ) e
    left join lateral (
      select * from hubbub.message_state s where s.room_id = f.room_id and s.seq = f.seq limit 1
    ) s on true
    left join hubbub.users u on u.id = e.user_id
    where s.deleted_seq is null
    order by e.at desc, e.room_id desc, e.seq desc`,
};

const NAMES: Statement = {
  name: "search-names",
  text: `
    select 'user' as kind, lower(username collate "C") as name, id
    from hubbub.users where lower(username collate "C") = any($2::text[])
    union all
    select 'room', asked.name, r.id
    from (${READABLE}) own join hubbub.rooms r on r.id = own.room_id
    join unnest($3::text[], $4::text[]) as asked (name, name_key) on r.name_key = asked.name_key or r.id::text = asked.name`,
};

async function resolve(
  database: Database,
  user: UserId,
  names: Parameters<Search["resolve"]>[1],
): ReturnType<Search["resolve"]> {
  const keys = names.rooms.map(roomNameKey);
  type Row = { kind: "user" | "room"; name: string; id: string };
  const rows = await database.run<Row>(NAMES, [user, names.users, names.rooms, keys]);
  const rooms = new Map<string, RoomId[]>();
  for (const { kind, name, id } of rows) {
    if (kind === "room") rooms.set(name, [...(rooms.get(name) ?? []), id as RoomId]);
  }
  const users = rows.flatMap(({ kind, name, id }) => (kind === "user" ? [[name, id as UserId] as const] : []));
  return { users: new Map(users), rooms };
}

interface FoundJson {
  readonly places: readonly SearchPlace[] | null;
  readonly horizon: SearchPlace | null;
  readonly read: number;
}

/**
 * The newest documents of each room, an equal portion of the bound. What the portions do not reach in one of the rooms is
 * after the horizon for all: above it the answer is whole.
 */
async function scan(database: Database, look: Look): Promise<Found> {
  const { filter, bounds } = look;
  const { places, horizon } = await ask(
    database,
    bounds.timeoutMs,
    sql`
      with readable as materialized (${readable(look)}),
      portion as materialized (select greatest(1, ${bounds.documents}::int / greatest(1, count(*)))::int as rows from readable),
      looked_at as materialized (
        select d.* from readable r cross join lateral (
          select d.at, d.room_id, d.seq, ${matches(filter)} as is_match,
            row_number() over (order by d.at desc, d.seq desc) as place
          from hubbub.search_documents d
          where d.room_id = r.room_id and d.seq > r.above and ${isInTime(look)}
          order by d.at desc, d.seq desc limit (select rows from portion)
        ) d
      ), horizon as (
        select at, room_id, seq from looked_at where place = (select rows from portion)
        order by at desc, room_id desc, seq desc limit 1
      ), found as (
        select at, room_id, seq from looked_at l
        where is_match and not exists (select from horizon h where (l.at, l.room_id, l.seq) < (h.at, h.room_id, h.seq))
        order by at desc, room_id desc, seq desc limit ${bounds.results}::int
      )
      select ${PLACES} as places, 0 as read,
        (select jsonb_build_object('at', at, 'room', room_id, 'seq', seq) from horizon) as horizon`,
  );
  return { places: places ?? [], horizon };
}

/** Rooms are checked after the bound, so that it holds for what is read and not only for what the user may see. */
async function lookUp(database: Database, look: Look): Promise<Found | null> {
  const { filter, bounds } = look;
  const { places, read } = await ask(
    database,
    bounds.timeoutMs,
    sql`
      with readable as materialized (${readable(look)}),
      looked_at as materialized (
        select d.at, d.room_id, d.seq from hubbub.search_documents d
        where ${matches(filter)} and ${isInTime(look)} limit ${bounds.documents + 1}::int
      ), found as (
        select l.at, l.room_id, l.seq from looked_at l join readable r on r.room_id = l.room_id and l.seq > r.above
        order by l.at desc, l.room_id desc, l.seq desc limit ${bounds.results}::int
      )
      select ${PLACES} as places, (select count(*) from looked_at)::int as read, null as horizon`,
  );
  return read > bounds.documents ? null : { places: places ?? [], horizon: null };
}

const PLACES = sql.raw(`(
  select jsonb_agg(jsonb_build_object('at', at, 'room', room_id, 'seq', seq) order by at desc, room_id desc, seq desc)
  from found
)`);

/** Under its own timeout, and by indexes: a plan that reads the whole table would be cheap only if the guess was right. */
async function ask(database: Database, timeoutMs: number, query: SQL): Promise<FoundJson> {
  return await database.transaction(async (handle) => {
    await handle.execute(sql.raw(`set local statement_timeout = ${timeoutMs}`));
    await handle.execute(sql.raw("set local enable_seqscan = off"));
    const { rows } = (await handle.execute(query)) as unknown as { rows: readonly FoundJson[] };
    return single(rows);
  });
}

function readable({ user, filter: { rooms } }: Look): SQL {
  const own = sql.join(
    READABLE.split("$1").map((part) => sql.raw(part)),
    sql`${user}::uuid`,
  );
  return rooms === undefined ? own : sql`select * from (${own}) own where room_id = any(${sql.param(rooms)}::uuid[])`;
}

function isInTime({ filter, behind }: Look): SQL {
  const time = sql`d.at >= ${filter.after}::bigint and d.at < ${filter.before}::bigint and d.at <= ${behind.at}::bigint`;
  return sql`${time} and (d.at, d.room_id, d.seq) < (${behind.at}::bigint, ${behind.room}::uuid, ${behind.seq}::bigint)`;
}

function matches({ needles, without, users, flags }: SearchFilter): SQL {
  const conditions = [
    ...needles.map((needle) => sql`d.text like ${patternOf(needle)}::text`),
    ...without.map((needle) => sql`d.text not like ${patternOf(needle)}::text`),
    ...(users === undefined ? [] : [sql`d.user_id = any(${sql.param(users)}::uuid[])`]),
    ...FLAG_BITS.filter((bit) => (flags & bit) !== 0).map((bit) => sql.raw(`d.flags & ${bit} <> 0`)),
  ];
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** One condition for each, as the index of pinned messages spells it. */
const FLAG_BITS = [1, 2, 4];

/** What a pattern says by these characters a needle says by itself. */
function patternOf(needle: string): string {
  return `%${needle.replace(/[\\%_]/g, "\\$&")}%`;
}
