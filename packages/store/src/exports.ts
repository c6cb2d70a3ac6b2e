import type { Database, Statement } from "./database.ts";
import { createExportContents } from "./export-contents.ts";
import type { ExportRecord, Exports, OpenExport } from "./store-exports.ts";

const COLUMNS = `
  e.id, e.user_id as "user", e.requested_at as "requestedAt", e.done_at as "doneAt", e.expires_at as "expiresAt", e.hash, e.bytes,
  e.parts_done as "partsDone", e.parts_total as "partsTotal", e.reason,
  case when e.state = 'done' and e.expires_at <= clock_timestamp() then 'expired' else e.state end as state`;
const IS_OPEN = "e.state in ('queued', 'running')";
/** $1 is the export, $2 the owner. */
const IS_MINE = `e.id = $1 and e.owner = $2 and ${IS_OPEN}`;
const RENEWED = "leased_until = clock_timestamp() + $3::int * interval '1 millisecond'";

/** The unique index lets one of two requests add a row; the other one adds none, and asks again. */
const REQUEST: Statement = {
  name: "exports-request",
  text: `
    with newest as (
      select e.* from hubbub.exports e where e.user_id = $1 order by e.requested_at desc, e.id desc limit 1
    ), waiting as (
      select ceil(extract(epoch from
        requested_at + case state when 'failed' then interval '1 hour' else $3::bigint * interval '1 millisecond' end - clock_timestamp()
      ) * 1000)::bigint as ms
      from newest where state not in ('queued', 'running')
    ), added as (
      insert into hubbub.exports (id, user_id) select $2::uuid, $1::uuid
      where not exists (select from newest e where ${IS_OPEN}) and not exists (select from waiting where ms > 0)
      on conflict do nothing returning *
    ), noted as (
      insert into hubbub.audit (actor, act, subject_id, address)
      select user_id::text, 'account_export', user_id, $4 from added
    )
    select ${COLUMNS}, 0::bigint as wait from added e
    union all select ${COLUMNS}, 0 from newest e where ${IS_OPEN}
    union all select ${COLUMNS}, w.ms from newest e, waiting w where w.ms > 0`,
};
const LIST: Statement = {
  name: "exports-list",
  text: `select ${COLUMNS} from hubbub.exports e where e.user_id = $1 order by e.requested_at desc, e.id desc limit $2`,
};
const FIND: Statement = {
  name: "exports-find",
  text: `select ${COLUMNS} from hubbub.exports e where e.user_id = $1 and e.id = $2`,
};
const EXPIRE: Statement = {
  name: "exports-expire",
  text: `
    update hubbub.exports set state = 'expired', expires_at = least(expires_at, clock_timestamp())
    where user_id = $1 and id = $2 returning id`,
};
const CLAIM: Statement = {
  name: "exports-claim",
  text: `
    update hubbub.exports e set state = 'running', owner = $1, attempts = e.attempts + 1,
      leased_until = clock_timestamp() + $2::int * interval '1 millisecond'
    where e.id = (
      select e.id from hubbub.exports e
      where ${IS_OPEN} and (e.leased_until is null or e.leased_until <= clock_timestamp())
        and not exists (select from hubbub.erasures x where x.user_id = e.user_id)
      order by e.requested_at limit 1 for update skip locked
    )
    returning ${COLUMNS}, e.attempts`,
};
const PROGRESS: Statement = {
  name: "exports-progress",
  text: `
    update hubbub.exports e set ${RENEWED}, hash = null, parts_done = $4, parts_total = $5, bytes = $6
    where ${IS_MINE} returning e.id`,
};
const KEEP: Statement = {
  name: "exports-keep",
  text: `update hubbub.exports e set ${RENEWED}, hash = $4, bytes = $5 where ${IS_MINE} returning e.id`,
};
const FINISH: Statement = {
  name: "exports-finish",
  text: `
    update hubbub.exports e set state = 'done', done_at = clock_timestamp(), expires_at = $3, parts_done = e.parts_total,
      owner = null, leased_until = null
    where ${IS_MINE} returning e.id`,
};
const FAIL: Statement = {
  name: "exports-fail",
  text: `
    update hubbub.exports e set state = 'failed', done_at = clock_timestamp(), expires_at = clock_timestamp(), reason = $3,
      owner = null, leased_until = null
    where ${IS_MINE} returning e.id`,
};
const RELEASE: Statement = {
  name: "exports-release",
  text: `
    update hubbub.exports e set state = 'queued', owner = null, parts_done = 0,
      attempts = e.attempts - case when $3::int = 0 then 1 else 0 end,
      leased_until = clock_timestamp() + $3::int * interval '1 millisecond'
    where ${IS_MINE}`,
};

/** While somebody has the lease, the archive may just be getting its name. */
const TAKE_EXPIRED: Statement = {
  name: "exports-take-expired",
  text: `
    update hubbub.exports set state = case state when 'done' then 'expired' else state end, owner = $1,
      leased_until = clock_timestamp() + $2::int * interval '1 millisecond'
    where id in (
      select id from hubbub.exports
      where hash is not null and state in ('done', 'failed', 'expired')
        and (state = 'expired' or expires_at <= clock_timestamp())
        and (leased_until is null or leased_until <= clock_timestamp())
      limit $3 for update skip locked
    )
    returning id, hash`,
};
const FORGET: Statement = {
  name: "exports-forget",
  text: "update hubbub.exports set hash = null, owner = null, leased_until = null where id = $1 and state in ('failed', 'expired')",
};
const DELETE_OLD: Statement = {
  name: "exports-delete-old",
  text: `
    delete from hubbub.exports where id in (
      select id from hubbub.exports
      where state in ('failed', 'expired') and hash is null and requested_at < $1
      limit $2 for update skip locked
    ) returning id`,
};

export function createExports(database: Database): Exports {
  const some = async (statement: Statement, ...values: readonly unknown[]): Promise<boolean> =>
    (await database.run(statement, values)).length > 0;
  return {
    async request(user, id, pauseMs, address) {
      for (;;) {
        const [found] = await database.run<ExportRecord & { wait: number }>(REQUEST, [
          user,
          id,
          pauseMs,
          address ?? null,
        ]);
        if (found === undefined) continue;
        const { wait, ...record } = found;
        return wait > 0 ? wait : record;
      }
    },
    list: (user, limit) => database.run<ExportRecord>(LIST, [user, limit]),
    find: async (user, id) => (await database.run<ExportRecord>(FIND, [user, id]))[0] ?? null,
    expire: (user, id) => some(EXPIRE, user, id),
    claim: async (owner, ttlMs) => (await database.run<OpenExport>(CLAIM, [owner, ttlMs]))[0] ?? null,
    progress: ({ id, owner, ttlMs }, { partsDone, partsTotal, bytes }) =>
      some(PROGRESS, id, owner, ttlMs, partsDone, partsTotal, bytes),
    keep: ({ id, owner, ttlMs }, { hash, bytes }) => some(KEEP, id, owner, ttlMs, hash, bytes),
    finish: ({ id, owner }, expiresAt) => some(FINISH, id, owner, expiresAt),
    fail: ({ id, owner }, reason) => some(FAIL, id, owner, reason),
    async release({ id, owner }, waitMs) {
      await database.run(RELEASE, [id, owner, waitMs]);
    },
    takeExpired: (owner, ttlMs, limit) => database.run(TAKE_EXPIRED, [owner, ttlMs, limit]),
    async forget(id) {
      await database.run(FORGET, [id]);
    },
    deleteOld: async (before, limit) => (await database.run(DELETE_OLD, [before, limit])).length,
    contents: createExportContents(database),
  };
}
