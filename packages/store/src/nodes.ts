import { type Database, type Statement, single } from "./database.ts";
import { CONTRACT_LOCK, schemaOfBuild } from "./migrations.ts";
import type { NodeOrders, Nodes } from "./store-nodes.ts";
import {
  ALONE_MARK,
  drainProcess,
  drainZone,
  listDrained,
  listNodes,
  rebalance,
  undrainProcess,
  undrainZone,
} from "./zones.ts";

/** A killed process blocks a contract for at most this long. */
const LEASE = "2 minutes";
/** Interval of renewals. */
export const NODE_RENEW_MS = 30_000;
/** Nothing moves because of an order that was given long before. */
const ORDER_MAX = "30 seconds";

/** The lock is free at once unless a contract is being applied; it ends with the statement. */
const RENEW: Statement = {
  name: "node-renew",
  text: `
    with alone as materialized (
      select pg_advisory_xact_lock_shared(${CONTRACT_LOCK})
    ), forgotten as (
      delete from hubbub.nodes where expires_at < clock_timestamp() and name <> $1
    )
    insert into hubbub.nodes (name, roles, build, knows, expires_at)
    select $1, $2, $3, $4::bigint, clock_timestamp() + interval '${LEASE}' from alone
    on conflict (name) do update set
      roles = excluded.roles, build = excluded.build, knows = excluded.knows, expires_at = excluded.expires_at`,
};

const DROP: Statement = { name: "node-drop", text: "delete from hubbub.nodes where name = $1" };

const LOOK: Statement = {
  name: "node-look",
  text: `
    with before as (
      select
        name, case when moves_at > clock_timestamp() - interval '${ORDER_MAX}' then moves else 0 end as taken
      from hubbub.nodes where name = $1 for update
    ), told as (
      update hubbub.nodes set
        zone = $2, state = $3, connections = $4::int, moving = $5::int + taken, told_at = clock_timestamp(), moves = 0
      from before where nodes.name = before.name
    )
    select
      exists (select from hubbub.zones where zone = $2) as drained,
      exists (select from hubbub.zones where zone = '${ALONE_MARK}' || $1) as alone,
      coalesce((select taken from before), 0) as moves`,
};

export function createNodes(database: Database): Nodes {
  return {
    async renew({ name, roles, build }) {
      await database.run(RENEW, [name, roles, build, schemaOfBuild().knows]);
    },
    async drop(name) {
      await database.run(DROP, [name]);
    },
    async look(name, zone, { state, connections, moving }): Promise<NodeOrders> {
      const values = [name, zone, state, connections, moving];
      const looked = database.run<{ drained: boolean; alone: boolean; moves: number }>(LOOK, values);
      const { drained, alone, moves } = single(await migrated(looked));
      return alone ? { isDrained: true, isAlone: true, moves } : { isDrained: drained, moves };
    },
    list: () => migrated(listNodes(database)),
    drained: () => migrated(listDrained(database)),
    drain: (zone, acting) => migrated(drainZone(database, zone, acting)),
    undrain: (zone, acting) => migrated(undrainZone(database, zone, acting)),
    drainProcess: (name, acting) => migrated(drainProcess(database, name, acting)),
    undrainProcess: (name, acting) => migrated(undrainProcess(database, name, acting)),
    rebalance: (maxShare, acting) => migrated(rebalance(database, maxShare, acting)),
  };
}

/** Undefined table, undefined column. */
const MISSING: readonly unknown[] = ["42P01", "42703"];
/** The SQLSTATE of a server that is starting. */
const NOT_YET = "57P03";

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && MISSING.includes(error.code);
}

/** The last migrations wait until processes from before 0022_search_journal have ended, and processes of this build run before. */
export async function migrated<Result>(work: Promise<Result>, what = "zones"): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw Object.assign(new Error(`${what} wait for a migration`, { cause: error }), { code: NOT_YET });
  }
}
