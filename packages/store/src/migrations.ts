import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "./database.ts";
import { SchemaMismatch } from "./store.ts";

/** The same path from src and from dist. The migrator's own table stands in our schema and is the schema's version. */
export const MIGRATIONS = {
  migrationsFolder: fileURLToPath(new URL("../migrations", import.meta.url)),
  migrationsSchema: "hubbub",
  migrationsTable: "schema_version",
};

const REMEDY = "node packages/server/dist/main.js migrate";

/** @throws SchemaMismatch unless exactly the last migration that this build knows is the last one applied */
export async function assertSchema(database: Database): Promise<void> {
  const wanted = readMigrationFiles(MIGRATIONS).at(-1);
  const found = await appliedVersion(database);
  if (found === wanted?.folderMillis) return;
  if (found === null) throw new SchemaMismatch(`the database has no schema of Hubbub; run: ${REMEDY}`);
  throw new SchemaMismatch(
    `the database schema is at version ${found}, this build needs ${wanted?.folderMillis ?? "none"}; run, with the newer of the two builds: ${REMEDY}`,
  );
}

/** In two steps, because a statement that names a missing table cannot even be parsed. */
async function appliedVersion(database: Database): Promise<number | null> {
  const exists = { name: "schema-exists", text: "select to_regclass('hubbub.schema_version') is not null as found" };
  const [table] = await database.run<{ found: boolean }>(exists, []);
  if (table?.found !== true) return null;
  const newest = { name: "schema-version", text: "select max(created_at) as version from hubbub.schema_version" };
  const [row] = await database.run<{ version: number | null }>(newest, []);
  return row?.version ?? null;
}
