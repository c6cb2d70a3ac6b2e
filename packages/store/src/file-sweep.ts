import type { Database, Statement } from "./database.ts";
import type { Files, UnsentFile } from "./store-files.ts";

/** In small batches, and past rows that others hold: any number of processes may sweep at once. */
const SWEEP: Statement = {
  name: "files-sweep",
  text: `
    with released as (
      select id from hubbub.files where released_at is not null limit $3 for update skip locked
    ), unused as (
      select id from hubbub.files
      where event_id is null and released_at is null and (created_at < $2 or (stored_at is null and created_at < $1))
      limit $3 for update skip locked
    ), gone as (
      select id from released union all select id from unused limit $3
    ), deleted as (
      delete from hubbub.files where id in (select id from gone) returning room_id, user_id, hash, cost
    ), orphaned as (
      update hubbub.file_contents set orphaned_at = clock_timestamp() where hash in (select hash from deleted)
    ), owners as (
      select owner, sum(cost) as cost
      from (select room_id as owner, cost from deleted union all select user_id, cost from deleted) both_sides
      group by owner
    ), locked as materialized (
      select u.owner from hubbub.file_usage u where u.owner in (select owner from owners) order by u.owner for update
    ), freed as (
      update hubbub.file_usage u set bytes = u.bytes - o.cost from owners o join locked l on l.owner = o.owner
      where u.owner = o.owner
    )
    select count(*)::int as deleted from deleted`,
};

const IS_USED = `(
  exists (select from hubbub.files f where f.hash = c.hash) or exists (select from hubbub.profiles p where p.avatar = c.hash)
)`;

/**
 * Whether a file names the content is judged by the snapshot of the statement. The conditions on `taken_at` and `orphaned_at` make that
 * safe: a row that an upload or a sweep has just changed is looked at again after its lock, with the new times.
 */
const TAKE_ORPHANS: Statement = {
  name: "files-take-orphans",
  text: `
    with settled as (
      update hubbub.file_contents c set orphaned_at = null
      where c.hash in (
          select hash from hubbub.file_contents where orphaned_at is not null order by orphaned_at limit $3
        )
        and c.removing_at is null and c.orphaned_at < $1 and ${IS_USED}
    ), orphans as (
      select c.hash from hubbub.file_contents c
      where c.orphaned_at is not null and c.taken_at < $1 and (c.removing_at is null or c.removing_at < $2)
        and not ${IS_USED}
      order by c.orphaned_at limit $3 for update skip locked
    )
    update hubbub.file_contents c set removing_at = clock_timestamp() from orphans o
    where c.hash = o.hash and c.taken_at < $1
    returning c.hash`,
};

const FORGET: Statement = {
  name: "files-forget",
  text: "delete from hubbub.file_contents where hash = any($1::text[]) and removing_at is not null",
};

/** Users and rooms without files. */
const FORGET_OWNERS: Statement = {
  name: "files-forget-owners",
  text: `
    delete from hubbub.file_usage where owner in (
      select owner from hubbub.file_usage where bytes = 0 limit $1 for update skip locked
    )`,
};

const IS_UNSENT = `
  f.event_id is not null and f.sent_at is null and f.released_at is null and coalesce(f.attached_at, f.created_at) < $1`;
const HAS_MESSAGE = `exists (
  select from hubbub.events e
  where e.room_id = f.room_id and e.user_id = f.user_id and e.event_id = f.event_id and e.extra ? 'files'
)`;

const LOOK_FOR_MESSAGES: Statement = {
  name: "files-look-for-messages",
  text: `
    with due as (
      select f.id, f.room_id, ${HAS_MESSAGE} as is_sent from hubbub.files f
      where ${IS_UNSENT} order by coalesce(f.attached_at, f.created_at) limit $2
    ), marked as (
      update hubbub.files f set sent_at = clock_timestamp() from due d where f.id = d.id and d.is_sent
    )
    select id, room_id as room, is_sent as "isSent" from due`,
};

/** The time is looked at again after the lock: the message may have been sent once more just now. */
const RELEASE_UNSENT: Statement = {
  name: "files-release-unsent",
  text: `
    update hubbub.files f set released_at = clock_timestamp()
    where f.id = any($2::uuid[]) and ${IS_UNSENT} and not ${HAS_MESSAGE}
    returning f.id`,
};

export function createFileSweep(
  database: Database,
): Pick<Files, "sweep" | "lookForMessages" | "releaseUnsent" | "takeOrphans" | "forget"> {
  return {
    async lookForMessages(before, limit) {
      const rows = await database.run<UnsentFile & { isSent: boolean }>(LOOK_FOR_MESSAGES, [before, limit]);
      const unsent = rows.flatMap(({ id, room, isSent }) => (isSent ? [] : [{ id, room }]));
      return { sent: rows.length - unsent.length, unsent };
    },

    async releaseUnsent(before, files) {
      return (await database.run(RELEASE_UNSENT, [before, files.map(({ id }) => id)])).length;
    },

    async sweep({ unfinished, unused }, limit) {
      const [row] = await database.run<{ deleted: number }>(SWEEP, [unfinished, unused, limit]);
      if (row !== undefined && row.deleted > 0) await database.run(FORGET_OWNERS, [limit]);
      return row?.deleted ?? 0;
    },

    async takeOrphans({ taken, stuck }, limit) {
      const rows = await database.run<{ hash: string }>(TAKE_ORPHANS, [taken, stuck, limit]);
      return rows.map(({ hash }) => hash);
    },

    async forget(hashes) {
      await database.run(FORGET, [hashes]);
    },
  };
}
