import type { SessionId, UserId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import { emptyAccount } from "./erased-account.ts";
import { leaveAsErased } from "./erased-member.ts";
import { emptyRecords, FINISH_ROOM, NEXT_ROOM } from "./erased-records.ts";
import { migrated } from "./nodes.ts";
import type { ErasureRecord, ErasureRoom, Erasures, OpenErasure } from "./store-erasures.ts";

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

const NOTE: Statement = {
  name: "erasures-note",
  text: `
    insert into hubbub.erasures (user_id, requested_at, done_at) values ($1, $2, clock_timestamp())
    on conflict do nothing`,
};
const LEDGER: Statement = {
  name: "erasures-ledger",
  text: `
    select user_id as user, requested_at as "requestedAt", done_at as "doneAt"
    from hubbub.erasures where user_id > $1 order by user_id limit $2`,
};

const CLAIM: Statement = {
  name: "erasures-claim",
  text: `
    with mine as (
      update hubbub.erasures set owner = $1, leased_until = clock_timestamp() + $2::int * interval '1 millisecond'
      where user_id = (
        select user_id from hubbub.erasures
        where done_at is null and requested_at <= $3
          and (owner = $1 or leased_until is null or leased_until <= clock_timestamp())
        order by requested_at, user_id limit 1 for update skip locked
      )
      returning user_id, begun_at
    )
    select m.user_id as user, m.begun_at is not null as "hasBegun", coalesce(u.username, 'deleted') as username
    from mine m left join hubbub.users u on u.id = m.user_id`,
};

/** A session that began while the account was emptied, or an export, ends here. */
const BEGIN: Statement = {
  name: "erasures-begin",
  text: `
    with listed as (
      insert into hubbub.erasure_rooms (user_id, room_id)
      select $1::uuid, room_id from hubbub.members where user_id = $1
      union
      select $1::uuid, room_id from hubbub.departures where user_id = $1
      on conflict do nothing
    ), ended as (
      update hubbub.sessions set revoked_at = clock_timestamp(), address = null, agent = null
      where user_id = $1 and revoked_at is null returning id
    ), expired as (
      update hubbub.exports set state = 'expired', expires_at = least(expires_at, clock_timestamp()) where user_id = $1
    ), begun as (
      update hubbub.erasures set begun_at = clock_timestamp() where user_id = $1
    )
    select id from ended`,
};

const SET_ROOM: Statement = {
  name: "erasures-set-room",
  text: `
    update hubbub.erasure_rooms set seq = $3, up_to = $4, is_deleted = $5 where user_id = $1 and room_id = $2`,
};

/** A part of the room by its key, so that no index by author is needed, which every batch of the writer would pay for. */
const MESSAGES: Statement = {
  name: "erasures-messages",
  text: `
    with looked_at as materialized (
      select seq, user_id, kind from hubbub.events where room_id = $2 and seq > $3::bigint order by seq limit $5::int
    ), found as materialized (
      select l.seq from looked_at l
      where l.user_id = $1 and l.kind = 'message' and not exists (
        select from hubbub.message_state s where s.room_id = $2 and s.seq = l.seq and s.deleted_seq is not null
      )
      order by l.seq limit $4::int
    )
    select (select jsonb_agg(seq order by seq) from found) as seqs,
      case when (select count(*) from found) = $4::int then (select max(seq) from found)
        else (select max(seq) from looked_at) end as last`,
};

/** Rows that name the user by id, and which of their columns does. */
const ROWS = [
  ["mentions", "user_id"],
  ["thread_follows", "user_id"],
  ["room_preferences", "user_id"],
  ["drafts", "user_id"],
  ["departures", "user_id"],
  ["search_documents", "user_id"],
] as const;

/**
 * `ctid` is unique in a partition only: that another row of the same user may go early does not matter. Frames that could not be
 * stored keep their place in the list of dead letters. Files keep their rows until their content is removed.
 */
const CLEAR: Statement = {
  name: "erasures-clear",
  text: `
    with ${ROWS.map(
      ([table, column]) => `
      ${table}_gone as (
        delete from hubbub.${table} where ${column} = $1 and ctid in (
          select ctid from hubbub.${table} where ${column} = $1 limit $2
        ) returning 1
      )`,
    ).join()}, letters as (
      update hubbub.dead_letters set frame = '{}', error = 'the author was erased'
      where id in (select id from hubbub.dead_letters where strpos(frame, $1::text) > 0 limit $2) returning 1
    ), released as (
      update hubbub.files set name = 'deleted', released_at = coalesce(released_at, clock_timestamp())
      where id in (
        select id from hubbub.files where user_id = $1 and (name <> 'deleted' or released_at is null) limit $2
      ) returning 1
    ), told as (
      update hubbub.reports set
        text = case when reporter_id = $1 then null else text end,
        message = case when author_id = $1 then null else message end,
        note = case when author_id = $1 or closed_by = $1::text then null else note end
      where id in (
        select id from hubbub.reports where reporter_id = $1 and text is not null
        union
        select id from hubbub.reports where author_id = $1 and (message is not null or note is not null)
        union
        select id from hubbub.reports where closed_by = $1::text and note is not null
        limit $2
      ) returning 1
    )
    select (${[...ROWS.map(([table]) => `${table}_gone`), "letters", "released", "told"]
      .map((name) => `(select count(*) from ${name})`)
      .join(" + ")} + hubbub.audit_forget($1::uuid, $2::int))::int as gone`,
};
const FINISH: Statement = {
  name: "erasures-finish",
  text: `
    update hubbub.erasures set done_at = clock_timestamp(), owner = null, leased_until = null
    where user_id = $1 and done_at is null`,
};

export function createErasures(database: Database): Erasures {
  const write = async (statement: Statement, ...values: readonly unknown[]): Promise<void> => {
    await database.run(statement, values);
  };
  return {
    request: (user, at = new Date(), acting) => emptyAccount(database, user, at, acting),
    note: ({ user, requestedAt }) => write(NOTE, user, requestedAt),
    ledger: (after, limit) => database.run<ErasureRecord>(LEDGER, [after ?? FIRST_ID, limit]),
    async claim(owner, ttlMs, requestedBefore) {
      return (await database.run<OpenErasure>(CLAIM, [owner, ttlMs, requestedBefore]))[0] ?? null;
    },
    async begin(user: UserId) {
      return (await database.run<{ id: SessionId }>(BEGIN, [user])).map(({ id }) => id);
    },
    async nextRoom(user) {
      return (await migrated(database.run<ErasureRoom>(NEXT_ROOM, [user]), "standing queries"))[0] ?? null;
    },
    setRoom: (user, { room, seq, upTo, isDeleted }) => write(SET_ROOM, user, room, seq, upTo, isDeleted),
    async messages(user, room, after, { messages, rows }) {
      type Found = { seqs: number[] | null; last: number | null };
      const { seqs, last } = single(await database.run<Found>(MESSAGES, [user, room, after, messages, rows]));
      return { seqs: seqs ?? [], last };
    },
    emptyRecords: (user, room, range) => emptyRecords(database, user, room, range),
    leave: (user, room) => leaveAsErased(database, user, room),
    finishRoom: (user, room) => migrated(write(FINISH_ROOM, user, room), "standing queries"),
    async clear(user, limit) {
      return single(await database.run<{ gone: number }>(CLEAR, [user, limit])).gone;
    },
    finish: (user) => write(FINISH, user),
  };
}
