import type { Database, Statement } from "./database.ts";
import type { Lease, Shards } from "./store.ts";

// clock_timestamp() throughout: now() is the start of the statement, which may lie before a wait for the row.
const DEADLINE = (ttlMs: string) => `clock_timestamp() + ${ttlMs}::int * interval '1 millisecond'`;

/** Writers without a heartbeat for this long are deleted: the table is bounded by the crashes of an hour. */
const FORGET_AFTER = "1 hour";

const heartbeat = (owner: string, ttlMs: string) => `
    beat as (
      insert into hubbub.writers (owner, expires_at) values (${owner}, ${DEADLINE(ttlMs)})
      on conflict (owner) do update set expires_at = excluded.expires_at
    )`;

/**
 * The token also rises when the owner is the same: an owner that acquires again does not know which of its earlier
 * batches are still under way. The condition sees the newest version of the row, after any batch that holds it.
 */
const ACQUIRE: Statement = {
  name: "shard-acquire",
  text: `
    with ${heartbeat("$2", "$3")}, forgotten as (
      delete from hubbub.writers where expires_at < clock_timestamp() - interval '${FORGET_AFTER}' and owner <> $2
    )
    insert into hubbub.shards as held (shard, owner, token, "offset", expires_at)
    values ($1, $2, 1, '', ${DEADLINE("$3")})
    on conflict (shard) do update set owner = excluded.owner, token = held.token + 1, expires_at = excluded.expires_at
      where held.expires_at <= clock_timestamp() or held.owner = excluded.owner
    returning shard, token, "offset"`,
};

/** An expired lease that nobody else acquired still belongs to its owner: the token says so. */
const RENEW: Statement = {
  name: "shards-renew",
  text: `
    with ${heartbeat("$1", "$4")}
    update hubbub.shards as held set expires_at = ${DEADLINE("$4")}
    from unnest($2::int[], $3::bigint[]) as lease (shard, token)
    where held.shard = lease.shard and held.token = lease.token and held.owner = $1
    returning held.shard, held."offset"`,
};

/** With its last shard a writer deletes its heartbeat. A writer that stays sends the next one with its next call. */
const RELEASE: Statement = {
  name: "shard-release",
  text: `
    with released as (
      update hubbub.shards set owner = null, expires_at = clock_timestamp()
      where shard = $2 and token = $3 and owner = $1
      returning shard
    )
    delete from hubbub.writers
    where owner = $1 and exists (select from released)
      and not exists (select from hubbub.shards where owner = $1 and shard <> $2)`,
};

/** Waits for a batch that holds the row, as ACQUIRE does. The batch after it finds another offset. */
const SEAL: Statement = {
  name: "shard-seal",
  text: `
    update hubbub.shards set "offset" = $2
    where shard = $1 and split_part("offset", '/', 1) <> split_part($2::text, '/', 1)`,
};

const OWNERS: Statement = {
  name: "writers-alive",
  text: "select count(*) as alive from hubbub.writers where expires_at > clock_timestamp()",
};

export function createShards(database: Database): Shards {
  return {
    async acquire(shard, owner, ttlMs) {
      const [lease] = await database.run<Lease>(ACQUIRE, [shard, owner, ttlMs]);
      return lease ?? null;
    },

    async renew(owner, leases, ttlMs) {
      const shards = leases.map((lease) => lease.shard);
      const tokens = leases.map((lease) => lease.token);
      const held = await database.run<Omit<Lease, "token">>(RENEW, [owner, shards, tokens, ttlMs]);
      return new Map(held.map(({ shard, offset }) => [shard, offset]));
    },

    async release(owner, lease) {
      await database.run(RELEASE, [owner, lease.shard, lease.token]);
    },

    async seal(shard, start) {
      await database.run(SEAL, [shard, start]);
    },

    async owners() {
      const [row] = await database.run<{ alive: number }>(OWNERS, []);
      return row?.alive ?? 0;
    },
  };
}
