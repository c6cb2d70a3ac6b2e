import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createUser } from "../test/contract/fixtures.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import type { Store } from "./store.ts";

let database: StoreDatabase;
let store: Store;
beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore({ poolMax: 2 });
  await store.migrate();
});
afterAll(() => database[Symbol.asyncDispose]());

/** More than one page of a search looks at. The ids are below those of users that sign up. */
const MANY = `
  insert into hubbub.users (id, username)
  select ('00000000-0000-4000-8000-' || lpad(to_hex(at), 12, '0'))::uuid, 'other-' || at from generate_series(1, 4500) at`;

test("a search goes on behind pages that found nothing, and ends", async () => {
  await (await database.connect()).query(MANY);
  const needle = await createUser(store, "needle");
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.admin.users({ search: "needle", limit: 100, cursor });
    pages.push(page.users.map(({ user }) => user.id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(pages).toEqual([[], [], [needle.id]]);
});
