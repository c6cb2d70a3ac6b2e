import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/pglite";
import type { TestProject } from "vitest/node";
import { applyMigrations } from "../src/migrate.ts";
import { MIGRATIONS } from "../src/migrations.ts";

const modules = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
const folder = join(modules, ".cache/hubbub");
const key = Symbol.for("hubbub.store.image");

/**
 * An embedded database with the schema, as a file: most test files begin with it, because to make one takes seconds of
 * CPU. It is kept between runs, under a name that changes with the migrations and with PGlite. Every project of a run
 * loads this module anew, in one process: the first makes the image for all.
 */
export async function setup(project: TestProject): Promise<void> {
  const existing: Promise<string> | undefined = Reflect.get(globalThis, key);
  const image = existing ?? makeImage();
  if (existing === undefined) Reflect.set(globalThis, key, image);
  project.provide("storeImage", await image);
}

async function makeImage(): Promise<string> {
  await mkdir(folder, { recursive: true });
  const name = await nameOfImage();
  const kept = await readdir(folder);
  if (kept.includes(name)) return join(folder, name);
  const unfinished = join(folder, `unfinished-${process.pid}`);
  await writeFile(unfinished, await dump());
  await rename(unfinished, join(folder, name));
  await Promise.all(kept.filter(isImage).map((old) => rm(join(folder, old), { force: true })));
  return join(folder, name);
}

async function nameOfImage(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(modules, "@electric-sql/pglite/package.json")));
  hash.update(JSON.stringify(readMigrationFiles(MIGRATIONS)));
  return `store-${hash.digest("hex").slice(0, 16)}.tar`;
}

function isImage(name: string): boolean {
  return name.startsWith("store-");
}

async function dump(): Promise<Buffer> {
  const client = await PGlite.create({ extensions: { pg_trgm } });
  await applyMigrations(drizzle(client));
  // Otherwise every start from the image would replay the log.
  await client.query("checkpoint");
  const image = await client.dumpDataDir("none");
  await client.close();
  return Buffer.from(await image.arrayBuffer());
}
