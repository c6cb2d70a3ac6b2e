import { sql } from "drizzle-orm";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import { PgDialect, type PgSession } from "drizzle-orm/pg-core";
import type { Handle } from "./database.ts";
import { CONTRACT_LOCK, MIGRATIONS, schemaOfBuild } from "./migrations.ts";

/** This makes a migration a contract: builds that do not know the migration of this version cannot run from then on. */
const RAISES_FLOOR = /update\s+"hubbub"\."cluster"\s+set\s+"schema_floor"\s*=\s*(\d+)/iu;

const SCHEMA_VERSION = sql`select max(created_at)::float8 as version from hubbub.schema_version`;
const LOCK_CONTRACT = sql`select pg_advisory_lock(${CONTRACT_LOCK})`;
const UNLOCK_CONTRACT = sql`select pg_advisory_unlock(${CONTRACT_LOCK})`;

/** A contract waits: processes of older builds run and use what it takes away. What stands before it is applied. */
export class OlderNodesRun extends Error {
  override readonly name = "OlderNodesRun";
  /** Whether processes of this build can start on the schema as it is now. */
  readonly canStart: boolean;

  constructor(running: readonly string[], canStart: boolean) {
    super(
      `a part of the migration waits, because processes of an older build run and use what it takes away: ${running.join(", ")}. Replace them, then run migrate again; a process that was killed counts for two minutes`,
    );
    this.canStart = canStart;
  }
}

/**
 * Applies what is pending, a file a transaction, up to the first contract that a running process does not know enough
 * for. `handle` has one connection, which holds the lock of migrations.
 * @throws OlderNodesRun
 */
export async function applyMigrations(handle: Handle, folder = MIGRATIONS.migrationsFolder): Promise<void> {
  const config = { ...MIGRATIONS, migrationsFolder: folder };
  // Drizzle's type of a session without a schema fits none of its own sessions.
  const session = handle._.session as unknown as PgSession;
  const apply = (files: MigrationMeta[]) => new PgDialect().migrate(files, session, config);
  // Makes the table of versions.
  await apply([]);
  const [row] = rowsOf<{ version: number | null }>(await handle.execute(SCHEMA_VERSION));
  const applied = row?.version ?? null;
  for (const file of readMigrationFiles(config)) {
    if (applied !== null && file.folderMillis <= applied) continue;
    const floor = applied === null ? null : floorOf(file);
    if (floor === null) await apply([file]);
    else await contract(handle, file, floor, () => apply([file]));
  }
}

/** No process announces itself between the look at those that run and the end of the contract. */
async function contract(handle: Handle, file: MigrationMeta, floor: number, apply: () => Promise<void>): Promise<void> {
  await handle.execute(LOCK_CONTRACT);
  try {
    const older = sql`
      select name, roles, build from hubbub.nodes where expires_at > clock_timestamp() and knows < ${floor} order by name`;
    const running = rowsOf<{ name: string; roles: string; build: string }>(await handle.execute(older));
    if (running.length === 0) return await apply();
    const names = running.map(({ name, roles, build }) => `${name} (${roles}, build ${build})`);
    throw new OlderNodesRun(names, schemaOfBuild().needs < file.folderMillis);
  } finally {
    await handle.execute(UNLOCK_CONTRACT);
  }
}

function floorOf(file: MigrationMeta): number | null {
  const found = RAISES_FLOOR.exec(file.sql.join("\n"));
  return found === null ? null : Number(found[1]);
}

/** The result of both drivers, which drizzle's common type lacks. */
function rowsOf<Row>(result: unknown): readonly Row[] {
  return (result as { rows: readonly Row[] }).rows;
}
