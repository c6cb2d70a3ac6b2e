import type { Statement } from "./database.ts";

interface List {
  readonly name: string;
  /** After the id `$1`, with all columns that the others name. */
  readonly source: string;
  readonly columns: string;
  readonly joins?: string;
  /** Of `one`, with the text `$3`. */
  readonly matches: string;
}

/**
 * A window of `$2` rows of the source by id, and the first `$4` matches in it. One row at least: `looked` and `last` say where the
 * window ended, whatever was found.
 */
function list({ name, source, columns, joins = "", matches }: List): Statement {
  const text = `
    with looked_at as materialized (${source} order by id limit $2::int), found as (
      select ${columns} from looked_at one ${joins} where ${matches} order by one.id limit $4::int
    )
    select edge.*, found.* from (
      select count(*)::int as looked, (select id from looked_at order by id desc limit 1) as last from looked_at
    ) edge left join found on true order by found.id`;
  return { name, text };
}

const ofUser = {
  columns: `
    one.id, one.username, one.password_hash is null as is_guest, one.created_at, r.role as server_role,
    s.reason, s.created_at as suspended_at, s.until`,
  joins: `
    left join hubbub.server_roles r on r.user_id = one.id
    left join hubbub.suspensions s on s.user_id = one.id and (s.until is null or s.until > clock_timestamp())`,
  matches: `strpos(lower(one.username collate "C"), $3::text) > 0`,
};

export const USERS = list({
  name: "admin-users",
  source: "select id, username, password_hash, created_at from hubbub.users where id > $1::uuid",
  ...ofUser,
});
export const SUSPENDED = list({
  name: "admin-suspended",
  source: `
    select u.id, u.username, u.password_hash, u.created_at
    from hubbub.suspensions t join hubbub.users u on u.id = t.user_id
    where t.user_id > $1::uuid and (t.until is null or t.until > clock_timestamp())`,
  ...ofUser,
});
export const USER: Statement = {
  name: "admin-user",
  text: `select ${ofUser.columns} from hubbub.users one ${ofUser.joins} where one.id = $1`,
};

const ofRoom = {
  columns: `
    one.id, one.name, one.visibility, one.topic, one.settings, one.created_at, one.archived_at,
    (select count(*)::int from hubbub.members m where m.room_id = one.id) as members`,
  matches: "strpos(one.name_key, $3::text) > 0",
};

export const ROOMS = list({
  name: "admin-rooms",
  source: "select * from hubbub.rooms where id > $1::uuid",
  ...ofRoom,
});
/** `$5`: the user. */
export const ROOMS_OF = list({
  name: "admin-rooms-of",
  source: `
    select r.*, m.role from hubbub.members m join hubbub.rooms r on r.id = m.room_id
    where m.user_id = $5 and m.room_id > $1::uuid`,
  ...ofRoom,
  columns: `${ofRoom.columns}, one.role`,
});
export const ROOM: Statement = {
  name: "admin-room",
  text: `select ${ofRoom.columns} from hubbub.rooms one where one.id = $1`,
};
export const ROOMS_NAMED: Statement = {
  name: "admin-rooms-named",
  text: `select ${ofRoom.columns} from hubbub.rooms one where one.name_key = $1 order by one.id limit $2::int`,
};
