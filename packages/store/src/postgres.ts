import pg from "pg";
import { type Database, type Statement, withDriverErrors } from "./database.ts";
import { migrateLocked } from "./migrate-locked.ts";
import { type HostOptions, openHosts, type PostgresHost } from "./postgres-hosts.ts";
import type { WriterCommit } from "./store.ts";

export interface PostgresOptions extends HostOptions {
  /** Default `local`. */
  readonly writerCommit?: WriterCommit | undefined;
  /** Of migrations; default: those of this build. For tests. */
  readonly migrationsFolder?: string | undefined;
}

export function openPostgres(options: PostgresOptions): Database {
  const hosts = openHosts(options);
  const on = <Result>(work: (host: PostgresHost) => Promise<Result>): Promise<Result> =>
    hosts.on((host) => withDriverErrors(() => work(host)));
  return {
    run: <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      hosts.on(async ({ pool }) => (await pool.query<Row>({ ...statement, values: [...values] })).rows),
    query: (work) => on(async ({ handle }) => await work(handle)),
    transaction: (work) => on(({ handle }) => handle.transaction(work)),
    migrate: () => hosts.on(({ connection }) => migrateLocked(new pg.Client(connection), options.migrationsFolder)),
    close: () => hosts.close(),
  };
}
