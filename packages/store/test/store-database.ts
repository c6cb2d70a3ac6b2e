import { createTestDatabase } from "@hubbub/testkit";
import pg from "pg";
import { createPostgresStore, type PostgresOptions } from "../src/index.ts";
import type { Store } from "../src/store.ts";

export interface StoreDatabase extends AsyncDisposable {
  readonly url: string;
  openStore(options?: Partial<PostgresOptions>): Store;
  /** As somebody beside the stores: another process, an operator. */
  connect(): Promise<pg.Client>;
}

/** An empty database on the server of `serverUrl`; disposing closes what was opened on it and drops it. */
export async function createStoreDatabase(serverUrl: string): Promise<StoreDatabase> {
  const database = await createTestDatabase(serverUrl);
  const { url } = database;
  const opened: (() => PromiseLike<void>)[] = [];
  return {
    url,
    openStore(options) {
      const defaults = { url, poolMax: 4, statementTimeoutMs: 30_000, applicationName: "store-test" };
      const store = createPostgresStore({ ...defaults, ...options });
      opened.push(() => store[Symbol.asyncDispose]());
      return store;
    },
    async connect() {
      const client = new pg.Client({ connectionString: url });
      client.on("error", () => undefined);
      opened.push(() => client.end());
      await client.connect();
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((close) => close()));
      await database[Symbol.asyncDispose]();
    },
  };
}
