import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { type Database, parseBigint, type Statement, withDriverErrors } from "./database.ts";
import { applyMigrations } from "./migrate.ts";
import { MIGRATION_LOCK } from "./migrations.ts";
import { openHosts, type PostgresHost } from "./postgres-hosts.ts";
import type { WriterCommit } from "./store.ts";

export interface PostgresOptions {
  /** May name several hosts: the one that is the primary is used. */
  readonly url: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** As `pg_stat_activity` shows it. */
  readonly applicationName: string;
  /** Default `local`. */
  readonly writerCommit?: WriterCommit | undefined;
  /** Of migrations; default: those of this build. For tests. */
  readonly migrationsFolder?: string | undefined;
}

const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    return oid === pg.types.builtins.INT8 ? parseBigint : pg.types.getTypeParser(oid, format);
  },
};

export function openPostgres(options: PostgresOptions): Database {
  const hosts = openHosts({ ...options, types });
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

/** On a connection of its own, without a statement timeout: both the lock and a migration may take long. */
async function migrateLocked(client: pg.Client, folder: string | undefined): Promise<void> {
  // A lost connection also fails the statement under way, which is the report that counts.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const handle = drizzle(client);
    await withDriverErrors(async () => {
      await handle.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
      await applyMigrations(handle, folder);
    });
  } finally {
    // Ends the lock too.
    await client.end();
  }
}
