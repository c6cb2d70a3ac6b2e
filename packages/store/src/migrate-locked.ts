import { setTimeout as delay } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { withDriverErrors } from "./database.ts";
import { applyMigrations } from "./migrate.ts";
import { BlockerWatch } from "./migration-blockers.ts";
import { MIGRATION_LOCK } from "./migrations.ts";

/** How a migration waits for locks that others hold. Each wait holds up every later statement on the same table. */
export interface MigrationPatience {
  readonly lockTimeoutMs: number;
  readonly tries: number;
  /** Between two tries: what queued behind the migration goes on meanwhile. */
  readonly pauseMs: number;
  /** Called after each try but the last, with a sentence for the operator. */
  readonly onHeld?: ((sentence: string) => void) | undefined;
}

/** Some 100 s with one lock that stays held. */
const PATIENCE: MigrationPatience = { lockTimeoutMs: 2_000, tries: 20, pauseMs: 3_000 };
const LOCK_NOT_AVAILABLE = "55P03";

/** Others hold a lock that a migration needs. What was applied stays; the file that waited left nothing behind. */
export class MigrationHeld extends Error {
  override readonly name = "MigrationHeld";
}

export interface MigrationOptions {
  readonly connection: pg.ClientConfig;
  readonly folder: string | undefined;
  readonly patience: Partial<MigrationPatience> | undefined;
}

/**
 * On a connection of its own, without a statement timeout: another migration and this one may take long. Locks of tables are
 * waited for briefly and again.
 * @throws MigrationHeld
 */
export async function migrateLocked({ connection, folder, patience }: MigrationOptions): Promise<void> {
  const client = new pg.Client(connection);
  // A lost connection also fails the statement under way, which is the report that counts.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const handle = drizzle(client);
    const ask = (statement: SQL) => withDriverErrors(() => handle.execute(statement));
    // Nobody queues behind this wait but other migrations.
    await ask(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
    const given = { ...PATIENCE, ...patience };
    await ask(sql`select set_config('lock_timeout', ${`${given.lockTimeoutMs}ms`}, false)`);
    const { rows } = await ask(sql`select pg_backend_pid() as pid`);
    await using watch = new BlockerWatch(connection, Number(rows[0]?.["pid"]), given.lockTimeoutMs);
    await patiently(given, watch, () => withDriverErrors(() => applyMigrations(handle, folder)));
  } finally {
    // Ends the lock too.
    await client.end();
  }
}

async function patiently(patience: MigrationPatience, watch: BlockerWatch, apply: () => Promise<void>): Promise<void> {
  const { lockTimeoutMs, tries, pauseMs, onHeld } = patience;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply();
    } catch (error) {
      if (!isHeld(error)) throw error;
      const waited = `waited ${lockTimeoutMs} ms for a lock, try ${attempt} of ${tries}`;
      const held = `the migration ${waited}; it is held by ${watch.take()}`;
      if (attempt >= tries)
        throw new MigrationHeld(
          `${held}. Wait for the end of these statements or end them with pg_terminate_backend, then run migrate again; what was applied stays`,
          { cause: error },
        );
      onHeld?.(`${held}. The next try follows in ${pauseMs} ms`);
      await delay(pauseMs);
    }
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE;
}
