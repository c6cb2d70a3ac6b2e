import type { Database, Statement } from "./database.ts";
import { CONTRACT_LOCK, schemaOfBuild } from "./migrations.ts";

/** A killed process blocks a contract for at most this long. */
const LEASE = "2 minutes";
/** Interval of renewals. */
export const NODE_RENEW_MS = 30_000;

/** A process of a cluster, as it announces itself. */
export interface ClusterNode {
  readonly name: string;
  /** Separated by commas. */
  readonly roles: string;
  /** Version of the build, for people. */
  readonly build: string;
}

/** Which processes run, and how much of the schema each knows: a contract asks before it takes away what they use. */
export interface Nodes {
  /**
   * Announces the process for two minutes; call it every `NODE_RENEW_MS`. Waits for a contract that is being applied.
   */
  renew(node: ClusterNode): Promise<void>;
  /** Removes the announcement at an orderly exit. */
  drop(name: string): Promise<void>;
}

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

export function createNodes(database: Database): Nodes {
  return {
    async renew({ name, roles, build }) {
      await database.run(RENEW, [name, roles, build, schemaOfBuild().knows]);
    },
    async drop(name) {
      await database.run(DROP, [name]);
    },
  };
}
