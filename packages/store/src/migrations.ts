import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Database, single } from "./database.ts";
import { SchemaMismatch } from "./store.ts";

/** The same path from src and from dist. The migrator's own table stands in our schema and is the schema's version. */
export const MIGRATIONS = {
  migrationsFolder: fileURLToPath(new URL("../migrations", import.meta.url)),
  migrationsSchema: "hubbub",
  migrationsTable: "schema_version",
};

const REMEDY = "node packages/server/dist/main.js migrate";

/** The first migration whose schema this build can work on: raise it when code comes to need a later one. */
const NEEDS = "0025_flows";

/**
 * Any constants: the advisory locks that serialise migrations, and contracts with processes that announce themselves.
 */
export const MIGRATION_LOCK = 7_240_511;
export const CONTRACT_LOCK = 7_240_512;

/**
 * Any schema will do from the one that this build needs on. A later one than it knows too, unless a contract has taken
 * away what builds of its age use: so processes can be replaced one by one, after an expand and before the contract.
 * @throws SchemaMismatch
 */
export async function assertSchema(database: Database): Promise<void> {
  const { needs, knows } = schemaOfBuild();
  const found = await appliedVersion(database);
  if (found === null) throw new SchemaMismatch(`the database has no schema of Hubbub; run: ${REMEDY}`);
  if (found < needs) {
    throw new SchemaMismatch(`the database schema is at version ${found}, this build needs ${needs}; run: ${REMEDY}`);
  }
  if (found <= knows) return;
  const floor = { name: "schema-floor", text: "select schema_floor as floor from hubbub.cluster" };
  const { floor: oldest } = single(await database.run<{ floor: number }>(floor, []));
  if (oldest <= knows) return;
  throw new SchemaMismatch(
    `the database schema is at version ${found} and is for builds that know ${oldest}, this one knows ${knows}; start a newer build, or restore and run with it: ${REMEDY}`,
  );
}

/** The versions of the first migration that this build can work on, and of the last one that it has. */
export function schemaOfBuild(): { needs: number; knows: number } {
  const journal = JSON.parse(readFileSync(`${MIGRATIONS.migrationsFolder}/meta/_journal.json`, "utf8")) as {
    entries: { tag: string; when: number }[];
  };
  const needs = journal.entries.find(({ tag }) => tag === NEEDS)?.when;
  const knows = journal.entries.at(-1)?.when;
  if (needs === undefined || knows === undefined) throw new Error(`no migration ${NEEDS}`);
  return { needs, knows };
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
