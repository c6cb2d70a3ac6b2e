import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { searchContract } from "../test/search-contract.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

describe("search on PGlite", () => searchContract(() => store));
