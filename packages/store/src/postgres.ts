import { type Database, type Statement, withDriverErrors } from "./database.ts";
import { type MigrationPatience, migrateLocked } from "./migrate-locked.ts";
import { type HostOptions, openHosts, type PostgresHost } from "./postgres-hosts.ts";
import type { WriterCommit } from "./store.ts";

export interface PostgresOptions extends HostOptions {
  /** Default `local`. */
  readonly writerCommit?: WriterCommit | undefined;
  /** Of migrations; default: those of this build. For tests. */
  readonly migrationsFolder?: string | undefined;
  /** Default: twenty waits of 2 s. */
  readonly migrationPatience?: Partial<MigrationPatience> | undefined;
}

export function openPostgres(options: PostgresOptions): Database {
  const hosts = openHosts(options);
  const { migrationsFolder: folder, migrationPatience: patience } = options;
  const on = <Result>(work: (host: PostgresHost) => Promise<Result>): Promise<Result> =>
    hosts.on((host) => withDriverErrors(() => work(host)));
  return {
    run: <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      hosts.on(async ({ pool }) => (await pool.query<Row>({ ...statement, values: [...values] })).rows),
    query: (work) => on(async ({ handle }) => await work(handle)),
    transaction: (work) => on(({ handle }) => handle.transaction(work)),
    migrate: () => hosts.on(({ connection }) => migrateLocked({ connection, folder, patience })),
    close: () => hosts.close(),
  };
}
