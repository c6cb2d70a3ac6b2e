import { createLogger, createMetrics } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { createTestDatabase } from "@hubbub/testkit";
import { expect, inject, test } from "vitest";
import { searcherOf, TestRoom } from "../test/world.ts";
import { createIndexer } from "./indexer.ts";

test("when the process that indexes dies, another one takes over and misses nothing", async () => {
  await using database = await createTestDatabase(inject("postgresUrl"));
  const options = { url: database.url, poolMax: 2, statementTimeoutMs: 30_000, applicationName: "search-test" };
  await using store = createPostgresStore(options);
  await store.migrate();
  // It has the lease and does nothing any more.
  expect(await store.searchIndex.acquire("dead", 1_500)).not.toBeNull();
  const room = await TestRoom.open(store);
  await room.say("while nobody indexes");
  const log = createLogger({ level: "silent", node: "test" });
  const indexer = createIndexer({ index: store.searchIndex, owner: "next", metrics: createMetrics(), log });
  const { texts } = searcherOf(store);
  await expect.poll(() => texts(room.owner, "nobody"), { timeout: 15_000 }).toEqual(["while nobody indexes"]);
  await indexer.stop();
});
