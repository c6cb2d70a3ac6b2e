import type { RoomId, UserId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import { JOURNALED_KINDS_SQL } from "./search-journal.ts";
import type { IndexWrite, MessageKey, PresentMessage, SearchIndex, Unindexed } from "./store-search.ts";

/** Entries of the journal that one look reads, however few events they have. */
const ENTRIES_MAX = 500;
/** After all rooms. */
const LAST_ROOM = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The row is locked until the end of a write, and `acquire` updates it: a new owner begins after the last write. */
const ACQUIRE: Statement = {
  name: "search-acquire",
  text: `
    update hubbub.search_indexer set
      token = case when owner = $1 then token else token + 1 end,
      owner = $1, expires_at = clock_timestamp() + $2::int * interval '1 millisecond'
    where owner = $1 or owner is null or expires_at <= clock_timestamp()
    returning token`,
};
const RELEASE: Statement = {
  name: "search-release",
  text: "update hubbub.search_indexer set owner = null where token = $1",
};

/**
 * What follows from `found` (room_id, seq), as messages are now. Each row is looked up by its key, here and below: `limit` and
 * `offset` keep the planner from a join over all events, whatever number of rows it expects.
 */
const MESSAGES = `
  select
    f.room_id as room, f.seq, e.at, e.user_id as user,
    case when e.seq is not null and s.deleted_seq is null then coalesce(s.text, e.text, '') end as text,
    coalesce(e.extra ? 'files', false) as "hasFile", s.pinned_seq is not null as "isPinned"
  from found f
  left join lateral (
    select * from hubbub.events e where e.room_id = f.room_id and e.seq = f.seq and e.kind = 'message' limit 1
  ) e on true
  left join lateral (
    select * from hubbub.message_state s where s.room_id = f.room_id and s.seq = f.seq limit 1
  ) s on true`;

/** An idle cluster asks this twice a second. To begin `CHANGED` costs many times as much, even if there is nothing to read. */
const HAS_CHANGED: Statement = {
  name: "search-has-changed",
  text: "select from hubbub.search_journal limit 1",
};
const CHANGED: Statement = {
  name: "search-changed",
  text: `
    with oldest as (
      select id, rooms, lows, highs, sum(events) over (order by id) - events as before
      from (select * from hubbub.search_journal order by id limit ${ENTRIES_MAX}) j
    ), due as materialized (
      select id, rooms, lows, highs from oldest where before < $1::int
    ), found as materialized (
      select distinct e.room_id, case when e.kind = 'message' then e.seq else e.target end as seq
      from due cross join lateral unnest(rooms, lows, highs) as d (room_id, low, high) cross join lateral (
        select * from hubbub.events e where e.room_id = d.room_id and e.seq between d.low and d.high offset 0
      ) e
      where e.kind in (${JOURNALED_KINDS_SQL})
    )
    select (select jsonb_agg(id) from due) as entries, m.* from (select) one left join (${MESSAGES}) m on true`,
};

const READ_UP_TO: Statement = {
  name: "search-read-up-to",
  text: "select read_room as room, read_seq as seq from hubbub.search_indexer where read_room is not null",
};
const OLDER: Statement = {
  name: "search-older",
  text: `
    with looked_at as materialized (
      select room_id, seq, kind from hubbub.events
      where (room_id, seq) > ($1::uuid, $2::bigint) order by room_id, seq limit $3::int
    ), found as materialized (
      select room_id, seq from looked_at where kind = 'message'
    ), edge as (
      select room_id, seq, (select count(*) from looked_at) = $3::int as "isCut"
      from looked_at order by room_id desc, seq desc limit 1
    )
    select edge.room_id as "toRoom", edge.seq as "toSeq", edge."isCut", m.* from edge left join (${MESSAGES}) m on true`,
};

const WRITE: Statement = {
  name: "search-write",
  text: `
    with held as (
      update hubbub.search_indexer set
        read_room = case when $11 then $14::uuid else read_room end,
        read_seq = case when $11 then $15::bigint else read_seq end
      where token = $1
      returning id
    ), put as (
      insert into hubbub.search_documents as d (room_id, seq, at, user_id, text, flags)
      select n.* from held, unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::smallint[]) as n
      on conflict (room_id, seq) do update set text = excluded.text, flags = excluded.flags
        where (d.text, d.flags) is distinct from (excluded.text, excluded.flags)
    ), removed as (
      delete from hubbub.search_documents d using held, unnest($8::uuid[], $9::bigint[]) as n (room_id, seq)
      where d.room_id = n.room_id and d.seq = n.seq
    ), orphans as (
      delete from hubbub.search_documents d using held
      where $11 and (d.room_id, d.seq) > ($12::uuid, $13::bigint)
        and (d.room_id, d.seq) <= (coalesce($14::uuid, '${LAST_ROOM}'), $15::bigint)
        and not exists (
          select from unnest($2::uuid[], $3::bigint[]) as n (room_id, seq) where d.room_id = n.room_id and d.seq = n.seq
        )
    ), done as (
      delete from hubbub.search_journal j using held where j.id = any($10::bigint[])
    )
    select id from held`,
};

const REBUILD: Statement = {
  name: "search-rebuild",
  text: "update hubbub.search_indexer set read_room = '00000000-0000-0000-0000-000000000000', read_seq = 0",
};
const PREPARE: Statement = { name: "search-prepare", text: "select hubbub.prepare_search() as refusal" };
const STATUS: Statement = {
  name: "search-status",
  text: `
    select to_regclass('hubbub.search_documents_text_idx') is not null as "isReady",
      (select count(*) from (select from hubbub.search_journal limit $1::int) j)::int as lag,
      (select read_room is null from hubbub.search_indexer) as "isComplete"`,
};

type MessageRow = { [Field in keyof PresentMessage]: PresentMessage[Field] | null };

export function createSearchIndex(database: Database): SearchIndex {
  return {
    async acquire(owner, ttlMs) {
      const [lease] = await database.run<{ token: number }>(ACQUIRE, [owner, ttlMs]);
      return lease?.token ?? null;
    },
    async release(token) {
      await database.run(RELEASE, [token]);
    },
    async changed(eventsMax) {
      if ((await database.run(HAS_CHANGED, [])).length === 0) return { messages: [], entries: [], range: null };
      const rows = await database.run<MessageRow & { entries: number[] | null }>(CHANGED, [eventsMax]);
      return { messages: messagesOf(rows), entries: rows[0]?.entries ?? [], range: null };
    },
    older: (eventsMax) => older(database, eventsMax),
    async write(token, write) {
      return (await database.run(WRITE, [token, ...valuesOf(write)])).length > 0;
    },
    async rebuild() {
      await database.run(REBUILD, []);
    },
    async prepare() {
      return single(await database.run<{ refusal: string | null }>(PREPARE, [])).refusal;
    },
    async status(lagMax) {
      type Status = Awaited<ReturnType<SearchIndex["status"]>>;
      return single(await database.run<Status>(STATUS, [lagMax]));
    },
  };
}

async function older(database: Database, eventsMax: number): Promise<Unindexed | null> {
  const [from] = await database.run<MessageKey>(READ_UP_TO, []);
  if (from === undefined) return null;
  type Edge = { toRoom: RoomId; toSeq: number; isCut: boolean };
  const rows = await database.run<MessageRow & Edge>(OLDER, [from.room, from.seq, eventsMax]);
  const [edge] = rows;
  const to = edge?.isCut === true ? { room: edge.toRoom, seq: edge.toSeq } : null;
  return { messages: messagesOf(rows), entries: [], range: { from, to } };
}

function messagesOf(rows: readonly MessageRow[]): PresentMessage[] {
  return rows.flatMap(({ room, seq, at, user, text, hasFile, isPinned }) =>
    room === null || seq === null
      ? []
      : [
          {
            room,
            seq,
            at: at ?? 0,
            user: user ?? ("" as UserId),
            text,
            hasFile: hasFile === true,
            isPinned: isPinned === true,
          },
        ],
  );
}

function valuesOf({ documents, removed, entries, range }: IndexWrite): unknown[] {
  const columns = (["room", "seq", "at", "user", "text", "flags"] as const).map((field) =>
    documents.map((document) => document[field]),
  );
  const keys = (["room", "seq"] as const).map((field) => removed.map((key) => key[field]));
  const { from, to } = range ?? { from: null, to: null };
  const reach = [range !== null, from?.room ?? null, from?.seq ?? null, to?.room ?? null];
  return [...columns, ...keys, entries, ...reach, to?.seq ?? Number.MAX_SAFE_INTEGER];
}
