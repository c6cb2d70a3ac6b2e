import type { Statement } from "./database.ts";

const COLUMNS = `
  t.id, t.user_id as "user", t.room_id as room, t.name, t.args, t.state, t.attempt, t.done, t.total, t.result, t.note,
  t.created_at as "createdAt", t.finished_at as "finishedAt", t.expires_at as "expiresAt", t.seq,
  coalesce((select u.username from hubbub.users u where u.id = t.user_id), 'unknown') as username`;
const IS_OPEN = "state in ('queued', 'running')";
const IS_DUE = `t.${IS_OPEN} and t.due_at <= clock_timestamp()`;
const inMs = (value: string) => `clock_timestamp() + ${value}::bigint * interval '1 millisecond'`;
/** $1 is the task, $2 the owner, $3 the attempt. */
const IS_MINE = "t.id = $1 and t.owner = $2 and t.attempt = $3::int and t.state = 'running'";
const IS_KEPT = "(t.expires_at is null or t.expires_at > clock_timestamp())";

const statement = (name: string, text: string): Statement => ({ name: `tasks-${name}`, text });

/** The row of the user is locked: requests of one user are counted one after the other. */
export const LOCK_USER = statement(
  "lock-user",
  `insert into hubbub.task_users (user_id) values ($1) on conflict (user_id) do update set user_id = excluded.user_id`,
);
export const COUNT = statement(
  "count",
  `
    select
      (select count(*)::int from hubbub.tasks t where t.user_id = $1 and t.${IS_OPEN}) as own,
      (select count(*)::int from (select from hubbub.tasks t where t.${IS_OPEN} limit $2::int) o) as "all"`,
);
export const ADD = statement(
  "add",
  `
    insert into hubbub.tasks (id, user_id, room_id, name, args, due_at)
    values ($1, $2, $3, $4, $5, ${inMs("$6")})`,
);
export const OWNER = statement("owner", `select t.user_id as "user" from hubbub.tasks t where t.id = $1`);
export const FIND = statement(
  "find",
  `select ${COLUMNS} from hubbub.tasks t where t.id = $2 and t.room_id = $1 and ${IS_KEPT}`,
);
export const AHEAD = statement(
  "ahead",
  `
    select count(*)::int as ahead from hubbub.tasks t
    where t.user_id = $1 and t.${IS_OPEN} and (t.created_at, t.id) < ($2::timestamptz, $3::uuid)`,
);
export const LIST = statement(
  "list",
  `
    select ${COLUMNS} from hubbub.tasks t where t.user_id = $1 and ${IS_KEPT}
    order by t.created_at desc, t.id desc limit $2`,
);
/** A task that waits for its event to be told waits no more. */
export const BEGUN = statement(
  "begun",
  `
    update hubbub.tasks t set seq = $2,
      due_at = case when t.state = 'queued' and t.attempt = 0 then least(t.due_at, clock_timestamp()) else t.due_at end
    where t.id = $1`,
);
export const CANCEL = statement(
  "cancel",
  `
    update hubbub.tasks t set state = 'cancelled', owner = null, note = $3, finished_at = clock_timestamp(), expires_at = ${inMs("$4")}
    where t.room_id = $1 and t.id = $2 and t.${IS_OPEN} returning t.id`,
);

/** Two processes that ask at the same time serve different users. */
export const CLAIM = statement(
  "claim",
  `
    with next as (
      select u.user_id from hubbub.task_users u
      where exists (select from hubbub.tasks t where t.user_id = u.user_id and ${IS_DUE})
        and (
          select count(*) from hubbub.tasks t
          where t.user_id = u.user_id and t.state = 'running' and t.due_at > clock_timestamp()
        ) < $3::int
      order by u.served_at limit 1 for update skip locked
    ), due as (
      select t.id from hubbub.tasks t join next on next.user_id = t.user_id
      where ${IS_DUE} order by t.created_at, t.id limit 1 for update of t skip locked
    ), served as (
      update hubbub.task_users u set served_at = clock_timestamp() from next where u.user_id = next.user_id
    )
    update hubbub.tasks t set state = 'running', owner = $1, attempt = t.attempt + 1, done = 0, total = 0, due_at = ${inMs("$2")}
    from due where t.id = due.id
    returning ${COLUMNS}`,
);
export const RENEW = statement(
  "renew",
  `update hubbub.tasks t set due_at = ${inMs("$6")}, done = $4, total = $5 where ${IS_MINE} returning t.id`,
);
export const FINISH = statement(
  "finish",
  `
    update hubbub.tasks t set state = $4, result = $5::jsonb, note = $6, owner = null, finished_at = clock_timestamp(),
      expires_at = ${inMs("$7")}, done = $8, total = $9
    where ${IS_MINE} returning t.id`,
);
export const RELEASE = statement(
  "release",
  `
    update hubbub.tasks t set state = 'queued', owner = null, due_at = ${inMs("$4")},
      attempt = t.attempt - case when $5::boolean then 0 else 1 end
    where ${IS_MINE} returning t.id`,
);
export const UNTOLD = statement(
  "untold",
  `
    select ${COLUMNS} from hubbub.tasks t
    where t.finished_at is not null and not t.is_told and t.finished_at <= clock_timestamp() - $1::int * interval '1 millisecond'
    order by t.finished_at limit $2`,
);
export const TOLD = statement("told", "update hubbub.tasks set is_told = true where id = $1");
export const WAITING = statement(
  "waiting",
  `
    select count(*)::int as open,
      coalesce(extract(epoch from clock_timestamp() - min(t.created_at) filter (where ${IS_DUE})), 0)::int as "oldestSeconds"
    from hubbub.tasks t where t.${IS_OPEN}`,
);
/** Users who were served a short time ago keep their place behind the others. Those whom a race has left out are added. */
export const SWEEP = statement(
  "sweep",
  `
    with gone as (
      delete from hubbub.tasks where id in (
        select id from hubbub.tasks where expires_at <= clock_timestamp() limit $1 for update skip locked
      ) returning 1
    ), idle as (
      delete from hubbub.task_users u where u.user_id in (
        select i.user_id from hubbub.task_users i
        where i.served_at < clock_timestamp() - interval '10 minutes'
          and not exists (select from hubbub.tasks t where t.user_id = i.user_id and t.${IS_OPEN})
        limit $1 for update skip locked
      )
    )
    select count(*)::int as gone from gone`,
);
export const ADD_USERS = statement(
  "add-users",
  `insert into hubbub.task_users (user_id) select distinct user_id from hubbub.tasks where ${IS_OPEN} on conflict do nothing`,
);
