import type { Statement } from "@hubbub/store/sql";

/** What a catalogue tells of the database. */
export interface Facts {
  readonly cluster: string;
  readonly generation: number;
  readonly schema: number;
  readonly postgres: string;
  readonly rooms: number;
  readonly highestEpoch: number;
  /** The clock of the database. */
  readonly takenAt: string;
}

export const FACTS: Statement = {
  name: "backup-facts",
  text: `
    select (select system_identifier::text from pg_control_system()) as cluster,
      (select generation from hubbub.cluster) as generation,
      (select max(created_at)::float8 from hubbub.schema_version) as schema,
      split_part(version(), ',', 1) as postgres,
      (select count(*)::float8 from hubbub.rooms) as rooms,
      (select coalesce(max(epoch), 0)::float8 from hubbub.rooms) as "highestEpoch",
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt"`,
};

/** What a restore of an earlier time would take away. */
export interface Newer {
  readonly events: number;
  /** Unix ms of the newest event; null: there is none. */
  readonly newest: number | null;
  readonly accounts: number;
  readonly sessions: number;
  /** Removals, bans, suspensions and erasures. */
  readonly removals: number;
}

/** Reads all events, because no index has their time: a restore is rare. $1: Unix ms. */
export const NEWER: Statement = {
  name: "backup-newer",
  text: `
    select (select count(*)::float8 from hubbub.events where at > $1) as events,
      (select max(at)::float8 from hubbub.events where at > $1) as newest,
      (select count(*)::float8 from hubbub.users where created_at > to_timestamp($1 / 1000.0)) as accounts,
      (select count(*)::float8 from hubbub.sessions where created_at > to_timestamp($1 / 1000.0)) as sessions,
      (select count(*)::float8 from hubbub.audit where at > to_timestamp($1 / 1000.0) and outcome = 'done'
        and act in ('member_remove', 'member_ban', 'account_suspend', 'account_erase')) as removals`,
};
