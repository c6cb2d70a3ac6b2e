import type { Database, Statement } from "./database.ts";

/** Deletes in small batches, and skips locked rows: any number of processes may sweep at once. */
const DELETE_ENDED: Statement = {
  name: "sessions-delete-ended",
  text: `
    with expired as (
      select id from hubbub.sessions where expires_at < $1 limit $2 for update skip locked
    ), revoked as (
      select id from hubbub.sessions where revoked_at < $1 and expires_at >= $1 limit $2 for update skip locked
    ), ended as (
      select id from expired union all select id from revoked limit $2
    ), deleted as (
      delete from hubbub.sessions where id in (select id from ended) returning id
    )
    select count(*)::int as deleted from deleted`,
};

/** Their refresh tokens go with them. */
export async function deleteEndedSessions(database: Database, before: Date, limit: number): Promise<number> {
  const [row] = await database.run<{ deleted: number }>(DELETE_ENDED, [before, limit]);
  return row?.deleted ?? 0;
}
