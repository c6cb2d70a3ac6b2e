import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeContract } from "../test/store-contract.ts";
import { createEmbeddedStore } from "./create-store.ts";
import { SchemaMismatch, type Store } from "./store.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore();
});
afterAll(() => store[Symbol.asyncDispose]());

test("a database without schema is told from one with it, and migrating twice changes nothing", async () => {
  const refusal: unknown = await store.assertSchema().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SchemaMismatch);
  expect(String(refusal)).toContain("node packages/server/dist/main.js migrate");
  await store.migrate();
  await store.migrate();
  await store.assertSchema();
  await store.ping();
});

describe("the store on PGlite", () => storeContract(() => store));
