import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier } from "pg";

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** A fresh, empty database on the server of `url`; disposing drops it, and the connections to it. */
export async function createTestDatabase(url: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await query(url, `create database ${escapeIdentifier(name)}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    [Symbol.asyncDispose]: async () => {
      await query(url, `drop database if exists ${escapeIdentifier(name)} with (force)`);
    },
  };
}

/** One statement on a connection of its own. */
export async function query(url: string, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A server that goes away while we are connected reports it here as well as at the query.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query(text, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}
