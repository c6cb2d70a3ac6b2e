import type { RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { ask, type Database, type Handle, type Statement } from "./database.ts";
import type { Lease } from "./store.ts";

/** Rows before a moved message, of one room and of one batch, among which replies are looked for that name a lost seq. */
const REPLIES_NEAR = 1_000;
const REPLIES_LOOKED_AT = 50_000;

/**
 * What is stored about the seqs that events had in epochs that are lost: their changes get the present target, and their
 * projections go, to be computed anew by `append`. A seq that has a row is not lost: its log came back. A seq that is noted
 * already keeps its present one, where that is a row.
 *
 * It waits for the row of the shard as `append` does, and keeps it locked: without the lease it changes nothing.
 *
 * A deletion of a message that is no row yet had nobody to name in the audit: its entry is written here. A thread is followed
 * by its authors and those it mentions, so that each follow is found by its key; other follows stay with the lost seq.
 */
const MOVE: Statement = {
  name: "events-move",
  text: `
    with held as (
      select shard from hubbub.shards where shard = $1 and token = $2 and "offset" = $3 for update
    ), moved as (
      select distinct on (m.room_id, m.lost_seq) m.*
      from held, unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::uuid[], $8::boolean[])
        as m (room_id, lost_seq, seq, user_id, is_message)
      where m.lost_seq <> m.seq
        and not exists (select from hubbub.events e where e.room_id = m.room_id and e.seq = m.lost_seq)
      order by m.room_id, m.lost_seq, m.seq desc
    ), noted as (
      insert into hubbub.moved_events as m (room_id, lost_seq, seq) select room_id, lost_seq, seq from moved
      on conflict (room_id, lost_seq) do update set seq = excluded.seq
        where not exists (select from hubbub.events e where e.room_id = m.room_id and e.seq = m.seq)
    ), changes as (
      update hubbub.events e set target = m.seq from moved m where e.room_id = m.room_id and e.target = m.lost_seq
      returning e.room_id, e.seq, e.kind, e.user_id, m.seq as target, m.user_id as author, m.is_message
    ), states as (
      delete from hubbub.message_state s using moved m where s.room_id = m.room_id and s.seq = m.lost_seq
    ), reactions as (
      delete from hubbub.reactions r using moved m where r.room_id = m.room_id and r.seq = m.lost_seq
    ), audited as (
      insert into hubbub.audit (actor, act, subject_id, room_id, seq)
      select d.user_id::text, 'message_delete', d.author, d.room_id, d.target
      from (
        select distinct on (room_id, target) * from changes where kind = 'delete' and is_message
        order by room_id, target, seq
      ) d
      where d.user_id <> d.author and not exists (
        select from hubbub.events e where e.room_id = d.room_id and e.target = d.target and e.kind = 'delete'
      )
    ), people as (
      select distinct m.room_id, m.lost_seq, m.seq, one.user_id
      from moved m cross join lateral (
        select m.user_id
        union all
        select unnest(array[e.user_id, n.user_id])
        from hubbub.events e left join hubbub.mentions n on n.room_id = e.room_id and n.seq = e.seq
        where e.room_id = m.room_id and e.target = m.lost_seq and e.kind = 'message'
      ) one
      where m.is_message and one.user_id is not null
    ), unfollowed as (
      delete from hubbub.thread_follows f using people p
      where f.user_id = p.user_id and f.room_id = p.room_id and f.seq = p.lost_seq
      returning f.user_id, f.room_id, p.seq, f.is_following
    ), followed as (
      insert into hubbub.thread_follows (user_id, room_id, seq, is_following)
      select user_id, room_id, seq, bool_and(is_following) from (
        select * from unfollowed
        union all
        select author, room_id, target, true from changes where kind = 'message'
      ) one
      group by user_id, room_id, seq
      on conflict do nothing
    )
    select from moved`,
};

/** Replies that name a lost seq, among the newest rows up to the newest one of the batch. */
const REPLIES: Statement = {
  name: "events-move-replies",
  text: `
    update hubbub.events e set reply_to = m.seq
    from (
      select near.* from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as batch (room_id, last, size)
      cross join lateral (
        select r.room_id, r.seq, r.reply_to from hubbub.events r
        where r.room_id = batch.room_id and r.seq <= batch.last order by r.seq desc limit ${REPLIES_NEAR} + batch.size
      ) near
      limit ${REPLIES_LOOKED_AT}
    ) near
    join hubbub.moved_events m on m.room_id = near.room_id and m.lost_seq = near.reply_to
    where near.reply_to is not null and e.room_id = near.room_id and e.seq = near.seq
      and not exists (select from hubbub.events r where r.room_id = m.room_id and r.seq = m.lost_seq)`,
};

/** An event, or what is known of one, and seqs that it had. */
type Moved = Pick<RoomEvent, "room" | "seq" | "kind"> & {
  readonly by: { readonly id: UserId };
  readonly was?: readonly number[] | undefined;
};

type Append = readonly [statement: Statement, values: readonly unknown[]];

/** Runs the statement of `append`. Moved events bring two statements along, in one transaction with it. */
export function runWithMoves<Row extends object>(
  database: Database,
  append: Append,
  { lease, events }: { readonly lease: Lease; readonly events: readonly RoomEvent[] },
): Promise<readonly Row[]> {
  if (!events.some(isMoved)) return database.run<Row>(...append);
  return database.transaction((handle) => moveWith<Row>(handle, append, { lease, events }));
}

export async function moveWith<Row>(
  handle: Handle,
  [statement, values]: Append,
  { lease, events }: { readonly lease: Lease; readonly events: readonly Moved[] },
): Promise<readonly Row[]> {
  await ask(handle, MOVE, [lease.shard, lease.token, lease.offset, ...lostColumns(events)]);
  const held = await ask<Row>(handle, statement, values);
  if (held.length > 0) await ask(handle, REPLIES, roomColumns(events));
  return held;
}

function isMoved({ was = [] }: Pick<Moved, "was">): boolean {
  return was.length > 0;
}

function lostColumns(events: readonly Moved[]): unknown[][] {
  const moved = events.flatMap((event) => (event.was ?? []).map((lost) => ({ ...event, lost })));
  return [
    moved.map(({ room }) => room),
    moved.map(({ lost }) => lost),
    moved.map(({ seq }) => seq),
    moved.map(({ by }) => by.id),
    moved.map(({ kind }) => kind === "message"),
  ];
}

/** Rooms of moved events, their newest seq in the batch, and how many events of them the batch has. */
function roomColumns(events: readonly Moved[]): unknown[][] {
  const rooms = new Map<RoomId, { last: number; size: number }>();
  for (const event of events) if (isMoved(event)) rooms.set(event.room, { last: 0, size: 0 });
  for (const { room, seq } of events) {
    const of = rooms.get(room);
    if (of !== undefined) rooms.set(room, { last: Math.max(of.last, seq), size: of.size + 1 });
  }
  const all = [...rooms.values()];
  return [[...rooms.keys()], all.map(({ last }) => last), all.map(({ size }) => size)];
}
