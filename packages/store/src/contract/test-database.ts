import { randomBytes } from "node:crypto";
import pg from "pg";
import { createPostgresStore, type PostgresOptions } from "../index.ts";
import type { Store } from "../store.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  openStore(options?: Partial<PostgresOptions>): Store;
  /** As somebody beside the stores: another process, an operator. */
  connect(): Promise<pg.Client>;
}

/** An empty database on the server of `serverUrl`; disposing closes what was opened on it and drops it. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `store_${randomBytes(6).toString("hex")}`;
  await execute(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  const opened: (() => PromiseLike<void>)[] = [];
  return {
    url: url.href,
    openStore(options) {
      const defaults = { url: url.href, poolMax: 4, statementTimeoutMs: 30_000, applicationName: "store-test" };
      const store = createPostgresStore({ ...defaults, ...options });
      opened.push(() => store[Symbol.asyncDispose]());
      return store;
    },
    async connect() {
      const client = new pg.Client({ connectionString: url.href });
      client.on("error", () => undefined);
      opened.push(() => client.end());
      await client.connect();
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((close) => close()));
      await execute(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

async function execute(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
