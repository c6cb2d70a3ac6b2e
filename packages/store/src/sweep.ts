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

/** Of what is neither IPv4 nor a /64 of IPv6 (the loopback of IPv6) nothing is left. */
const TRUNCATE: Statement = {
  name: "sessions-truncate-addresses",
  text: `
    with whole as (
      select id from hubbub.sessions
      where used_at < $1 and address is not null and address !~ '/(24|48)$'
      limit $2 for update skip locked
    ), truncated as (
      update hubbub.sessions set address = case
        when address ~ '^[0-9]+([.][0-9]+){3}$' then regexp_replace(address, '[0-9]+$', '0/24')
        when address ~ '^([0-9a-f]+:){4}:/64$' then regexp_replace(address, '^((?:[0-9a-f]+:){3})[0-9a-f]+::/64$', '\\1:/48')
      end
      where id in (select id from whole) returning id
    )
    select count(*)::int as truncated from truncated`,
};

export async function truncateAddresses(database: Database, before: Date, limit: number): Promise<number> {
  const [row] = await database.run<{ truncated: number }>(TRUNCATE, [before, limit]);
  return row?.truncated ?? 0;
}
