import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { type Database, parseBigint, type Statement, withDriverErrors } from "./database.ts";
import { applyMigrations } from "./migrate.ts";
import { MIGRATION_LOCK } from "./migrations.ts";
import type { WriterCommit } from "./store.ts";

/** Bounds the wait for a connection, of the pool or of the server. After it the call fails as unavailable. */
const CONNECT_TIMEOUT_MS = 5_000;
/** An unreachable server cannot end its statements: the client gives up this much later. */
const ANSWER_MARGIN_MS = 2_000;

export interface PostgresOptions {
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

/** Weaker `sslmode` values mean the same to today's driver, which warns that this may change. */
const ANY_TLS = /([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/;

/** TLS that is asked for is checked, certificate and host name, whatever the word; `no-verify` alone checks nothing. */
function withCheckedTls(url: string): string {
  return url.includes("uselibpqcompat=true") ? url : url.replace(ANY_TLS, "$1verify-full");
}

export function openPostgres(options: PostgresOptions): Database {
  const connection = {
    connectionString: withCheckedTls(options.url),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: options.applicationName,
    options: "-c jit=off", // Compiling a short statement takes longer than running it.
    keepAlive: true,
    types,
  };
  const pool = new pg.Pool({
    ...connection,
    max: options.poolMax,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + ANSWER_MARGIN_MS,
  });
  // The pool has already dropped an idle connection that fails, and the next caller gets a new one or the error.
  pool.on("error", () => undefined);
  const handle = drizzle(pool);

  return {
    async run<Row extends object>(statement: Statement, values: readonly unknown[]) {
      const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
      return rows;
    },
    query: (work) => withDriverErrors(() => work(handle)),
    transaction: (work) => withDriverErrors(() => handle.transaction(work)),
    migrate: () => migrateLocked(new pg.Client(connection), options.migrationsFolder),
    close: () => pool.end(),
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
