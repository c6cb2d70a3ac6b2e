import { type SQL, sql } from "drizzle-orm";
import { DrizzleQueryError } from "drizzle-orm/errors";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/** What drizzle offers on either driver. */
export type Handle = PgDatabase<PgQueryResultHKT>;

/** A hand-written statement. On `pg` it is prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** On an embedded database it runs before other waiting statements, because all messages wait for it. */
  readonly isUrgent?: boolean | undefined;
}

/** The interface of both drivers to the rest of this package. */
export interface Database {
  /** `bigint` columns come as numbers, checked to be safe; `timestamptz` as Date. */
  run<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
  query<Result>(work: (handle: Handle) => PromiseLike<Result>): Promise<Result>;
  transaction<Result>(work: (handle: Handle) => Promise<Result>): Promise<Result>;
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Lets the driver's error through instead of drizzle's, which quotes the parameters (hashes, addresses, texts) in its
 * message and would carry them into every log.
 */
export async function withDriverErrors<Result>(work: () => PromiseLike<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
  }
}

/** Postgres' bigint as a number. Counting a million a second, a seq leaves the safe range after 285 years. */
export function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint out of the safe range: ${text}`);
  return value;
}

/** The row of a statement that always answers with exactly one. */
export function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error("the statement returned no row");
  return row;
}

/** `Database.run` within a transaction. */
export async function ask<Row>(
  handle: Handle,
  { text }: Statement,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const parts = text.split(/\$(\d+)/).map((part, at): SQL => {
    return at % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`;
  });
  return ((await handle.execute(sql.join(parts))) as unknown as { rows: readonly Row[] }).rows;
}
