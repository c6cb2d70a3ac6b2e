import type { UserId } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import type { Profiles } from "./store-own-account.ts";

/** Content without a file is removed some minutes after it was last taken: long enough to get its name, and then to be an avatar. */
const TAKE: Statement = {
  name: "avatars-take",
  text: `
    insert into hubbub.file_contents (hash, orphaned_at) values ($1, clock_timestamp())
    on conflict (hash) do update set taken_at = clock_timestamp(),
      orphaned_at = coalesce(file_contents.orphaned_at, clock_timestamp())
    where file_contents.removing_at is null
    returning hash`,
};

/**
 * $2 null: none. `before` is read before the row changes, because a row that the statement has changed cannot be locked. An account that
 * is erased at the same time gets no picture. The lock of the content makes a sweep look at it again, with the new time.
 */
const SET: Statement = {
  name: "avatars-set",
  text: `
    with content as (
      update hubbub.file_contents set taken_at = clock_timestamp() where hash = $2 and removing_at is null returning hash
    ), before as materialized (
      select avatar from hubbub.profiles where user_id = $1 for update
    ), account as materialized (
      select id from hubbub.users where id = $1 and password_hash is not null for share
    ), changed as (
      insert into hubbub.profiles (user_id, avatar)
      select $1::uuid, $2::text from (select count(*) from before) read_first
      where $2::text is null or (exists (select from content) and exists (select from account))
      on conflict (user_id) do update set avatar = excluded.avatar
      returning user_id
    ), orphaned as (
      update hubbub.file_contents c set orphaned_at = clock_timestamp() from before b
      where c.hash = b.avatar and b.avatar is distinct from $2::text and exists (select from changed)
    )
    select user_id from changed`,
};

export function createAvatars(database: Database): Pick<Profiles, "takeAvatar" | "setAvatar"> {
  const some = async (statement: Statement, ...values: readonly unknown[]): Promise<boolean> =>
    (await database.run(statement, values)).length > 0;
  return {
    takeAvatar: (hash) => some(TAKE, hash),
    setAvatar: (user: UserId, hash) => some(SET, user, hash),
  };
}
