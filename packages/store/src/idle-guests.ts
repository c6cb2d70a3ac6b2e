import type { UserId } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * Reads one page of guests by id and deletes guests without a session. A guest that was just created has no session
 * yet. Erased users stay, because their rooms show them. The oldest other member becomes the owner of a room whose last owner was a deleted guest.
 */
const DELETE_IDLE: Statement = {
  name: "users-delete-idle-guests",
  text: `
    with page as (
      select id, created_at from hubbub.users where password_hash is null and id > $1 order by id limit $2
    ), idle as (
      select p.id from page p
      where p.created_at < $3
        and not exists (select from hubbub.sessions s where s.user_id = p.id)
        and not exists (select from hubbub.erasures e where e.user_id = p.id)
    ), heirs as (
      select distinct on (other.room_id) other.room_id, other.user_id
      from hubbub.members own
      join hubbub.members other on other.room_id = own.room_id and other.user_id not in (select id from idle)
      where own.user_id in (select id from idle) and own.role = 'owner'
        and not exists (
          select from hubbub.members m
          where m.room_id = own.room_id and m.role = 'owner' and m.user_id not in (select id from idle)
        )
      order by other.room_id, other.joined_at, other.user_id
    ), promoted as (
      update hubbub.members m set role = 'owner' from heirs h where m.room_id = h.room_id and m.user_id = h.user_id
    ), deleted as (
      delete from hubbub.users where id in (select id from idle) and password_hash is null returning id
    )
    select (select count(*) from deleted)::int as deleted, (select max(id::text) from page) as last,
      (select count(*) from page)::int as seen`,
};

interface Page {
  readonly after: UserId | undefined;
  readonly limit: number;
  readonly createdBefore: Date;
}

export async function deleteIdleGuests(database: Database, { after, limit, createdBefore }: Page) {
  const [row] = await database.run<{ deleted: number; last: UserId | null; seen: number }>(DELETE_IDLE, [
    after ?? FIRST_ID,
    limit,
    createdBefore,
  ]);
  const isLast = row === undefined || row.seen < limit;
  return { deleted: row?.deleted ?? 0, next: isLast ? undefined : (row.last ?? undefined) };
}
