import { createPostgresStore } from "@hubbub/store";
import { createTestDatabase, query } from "@hubbub/testkit";
import { expect, inject, test } from "vitest";
import { index, searcherOf, TestRoom } from "../test/world.ts";

test("without pg_trgm messages are stored and indexed, only search is refused, until the operator adds it", async () => {
  await using database = await createTestDatabase(inject("postgresUrl"));
  const { pathname } = new URL(database.url);
  const name = pathname.slice(1);
  const role = `weak_${name}`;
  await query(database.url, `create role ${role} login password 'weak'`);
  await query(database.url, `grant create on database ${name} to ${role}`);
  const url = new URL(database.url);
  [url.username, url.password] = [role, "weak"];
  const options = { poolMax: 2, statementTimeoutMs: 30_000, applicationName: "search-test" };
  {
    await using store = createPostgresStore({ ...options, url: url.href });
    await store.migrate();
    await query(database.url, "drop extension pg_trgm cascade");
    await query(database.url, `revoke create on database ${name} from ${role}`);
    expect(await store.searchIndex.prepare()).toMatch(/permission denied/);
    const room = await TestRoom.open(store);
    await room.say("stored all the same");
    await index(store);
    const { page } = searcherOf(store);
    const refusal = { code: "unsupported", message: expect.stringContaining("pg_trgm") };
    await expect(page(room.owner, "same")).rejects.toMatchObject(refusal);
    await query(database.url, "create extension pg_trgm with schema hubbub");
    expect(await store.searchIndex.prepare()).toBeNull();
    expect((await page(room.owner, "same")).results).toHaveLength(1);
  }
  await query(database.url, `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
});
