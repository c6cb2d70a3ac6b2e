import { type Database, openPostgres, type Statement } from "@hubbub/store/sql";
import type { Settings } from "../settings.ts";
import type { ClockReading } from "./clock.ts";

export interface Slot {
  readonly name: string;
  readonly active: boolean;
  /** Bytes of log that the slot keeps. */
  readonly held: number;
  readonly status: string;
}

export interface Standby {
  readonly name: string;
  /** null: the role may not see it. */
  readonly state: string | null;
  readonly sync: string | null;
  /** Bytes that it has not replayed. */
  readonly behind: number | null;
}

export interface Node {
  readonly name: string;
  readonly roles: string;
  readonly build: string;
  /** null: of a schema without zones. */
  readonly state: string | null;
}

interface State {
  readonly isStandby: boolean;
  readonly connections: number;
  readonly checksumFailures: number;
  readonly transactionAge: number;
  readonly isSuperuser: boolean;
  readonly ownsSchema: boolean;
  readonly isEncrypted: boolean;
  readonly hasSchema: boolean;
}

export interface PostgresFacts extends ClockReading, State {
  /** In the unit of `pg_settings`; without those that the role may not see. */
  readonly settings: ReadonlyMap<string, string>;
  readonly slots: readonly Slot[];
  readonly standbys: readonly Standby[];
  readonly nodes: readonly Node[];
}

const STATEMENT_TIMEOUT_MS = 10_000;

const statement = (name: string, text: string): Statement => ({ name: `doctor-${name}`, text });

const CLOCK = statement("clock", "select extract(epoch from clock_timestamp())::float8 * 1000 as ms");
const SETTINGS = statement("settings", "select name, setting from pg_settings");
const STATE = statement(
  "state",
  `
    select pg_is_in_recovery() as "isStandby",
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      (select coalesce(sum(checksum_failures), 0)::float8 from pg_stat_database) as "checksumFailures",
      (select max(age(datfrozenxid))::float8 from pg_database) as "transactionAge",
      (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
      coalesce((select pg_has_role(current_user, nspowner, 'USAGE') from pg_namespace where nspname = 'hubbub'), false)
        as "ownsSchema",
      coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "isEncrypted",
      to_regclass('hubbub.nodes') is not null as "hasSchema"`,
);
const END_OF_LOG = "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end";
const SLOTS = statement(
  "slots",
  `
    select slot_name as name, active, coalesce(wal_status, 'unknown') as status,
      coalesce(pg_wal_lsn_diff(${END_OF_LOG}, restart_lsn), 0)::float8 as held
    from pg_replication_slots order by slot_name`,
);
const STANDBYS = statement(
  "standbys",
  `
    select application_name as name, state, sync_state as sync,
      pg_wal_lsn_diff(${END_OF_LOG}, replay_lsn)::float8 as behind
    from pg_stat_replication order by application_name`,
);
const NODES = statement(
  "nodes",
  // The state comes with 0025_zones, which may not be applied yet.
  "select name, roles, build, to_jsonb(nodes)->>'state' as state from hubbub.nodes where expires_at > clock_timestamp() order by name",
);

/** Only reads. @throws what keeps Postgres from answering */
export async function readPostgresFacts(url: string, settings: Settings): Promise<PostgresFacts> {
  const database = openPostgres({
    url,
    poolMax: 1,
    statementTimeoutMs: Math.min(settings.DATABASE_STATEMENT_TIMEOUT_MS, STATEMENT_TIMEOUT_MS),
    applicationName: "hubbub-doctor",
  });
  try {
    const values = await database.run<{ name: string; setting: string }>(SETTINGS, []);
    const [state] = await database.run<State>(STATE, []);
    if (state === undefined) throw new Error("the statement returned no row");
    return {
      ...state,
      ...(await readClock(database)),
      settings: new Map(values.map(({ name, setting }) => [name, setting])),
      slots: await database.run<Slot>(SLOTS, []),
      standbys: await database.run<Standby>(STANDBYS, []),
      nodes: state.hasSchema ? await database.run<Node>(NODES, []) : [],
    };
  } finally {
    await database.close();
  }
}

/** On a connection that is open already, so that only the question is timed. */
async function readClock(database: Database): Promise<ClockReading> {
  const before = Date.now();
  const [row] = await database.run<{ ms: number }>(CLOCK, []);
  const after = Date.now();
  return { clockMs: row?.ms ?? Number.NaN, askedAtMs: (before + after) / 2, roundTripMs: after - before };
}
