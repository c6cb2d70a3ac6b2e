import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { searchContract } from "../test/search-contract.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const options = { url: database.url, poolMax: 4, statementTimeoutMs: 30_000, applicationName: "search-test" };
  store = createPostgresStore(options);
  await store.migrate();
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe("search on Postgres", () => searchContract(() => store));
