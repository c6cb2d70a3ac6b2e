import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { withDriverErrors } from "./database.ts";
import { applyMigrations } from "./migrate.ts";
import { MIGRATION_LOCK } from "./migrations.ts";

/** On a connection of its own, without a statement timeout: both the lock and a migration may take long. */
export async function migrateLocked(client: pg.Client, folder: string | undefined): Promise<void> {
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
