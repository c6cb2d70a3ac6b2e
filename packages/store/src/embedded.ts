import { readFile } from "node:fs/promises";
import { PGlite, types } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { drizzle } from "drizzle-orm/pglite";
import { type Database, parseBigint, type Statement, withDriverErrors } from "./database.ts";
import { applyMigrations } from "./migrate.ts";
import { Turns } from "./turns.ts";

export interface EmbeddedOptions {
  /** undefined: in memory. */
  readonly dataDir?: string | undefined;
  /** A file with the dump of a data directory (`dumpDataDir` of PGlite) that a new database begins with, in place of an empty one. */
  readonly image?: string | undefined;
}

/** A copy of an embedded database at one moment. */
export interface DatabaseImage<Row> {
  /** A tar of the data directory. Postgres, or another embedded database, recovers it like one after a power cut. */
  readonly image: Blob;
  /** What the statement answered at that moment. */
  readonly facts: readonly Row[];
}

export interface EmbeddedDatabase extends Database {
  /** Other statements wait meanwhile. Holds the whole image in memory. */
  dump<Row extends object>(facts: Statement): Promise<DatabaseImage<Row>>;
}

/** Postgres in this process, on the calling thread, one statement at a time. The first start takes seconds. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const client = await PGlite.create({
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.image === undefined ? {} : { loadDataDir: new Blob([await readFile(options.image)]) }),
    parsers: { [types.INT8]: parseBigint },
    extensions: { pg_trgm },
  });
  const handle = drizzle(client);
  const turns = new Turns();

  return {
    async run<Row extends object>(statement: Statement, values: readonly unknown[]) {
      const ask = () => client.query<Row>(statement.text, [...values]);
      return (await turns.run(ask, statement.isUrgent === true)).rows;
    },
    query: (work) => turns.run(() => withDriverErrors(() => work(handle)), false),
    transaction: (work) => turns.run(() => withDriverErrors(() => handle.transaction(work)), false),
    dump: <Row extends object>(facts: Statement) =>
      turns.run(async () => {
        await client.query("checkpoint");
        const { rows } = await client.query<Row>(facts.text);
        return { facts: rows, image: await client.dumpDataDir("none") };
      }, false),
    migrate: () => withDriverErrors(() => applyMigrations(handle)),
    close: () => client.close(),
  };
}
