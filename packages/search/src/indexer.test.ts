import { createLogger, createMetrics } from "@hubbub/runtime";
import { createEmbeddedStore, type SearchIndex, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { searcherOf, TestRoom } from "../test/world.ts";
import { createIndexer } from "./indexer.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

function start(owner: string, index: SearchIndex = store.searchIndex) {
  const metrics = createMetrics();
  const indexer = createIndexer({ index, owner, metrics, log: createLogger({ level: "silent", node: "test" }) });
  return { metrics, indexer };
}

const patience = { timeout: 15_000, interval: 50 };

test("rows of before its start, new ones, edits and deletions are indexed, and by the next process after it", async () => {
  const room = await TestRoom.open(store);
  await room.say("of before");
  const { texts } = searcherOf(store);
  const first = start("first");
  await expect.poll(() => texts(room.owner, "before"), patience).toEqual(["of before"]);
  const [seq = 0] = await room.say("new");
  await expect.poll(() => texts(room.owner, "new"), patience).toEqual(["new"]);
  await room.say({ kind: "edit", target: seq, text: "changed" }, { kind: "delete", target: 1 });
  await expect.poll(() => texts(room.owner, "changed"), patience).toEqual(["changed"]);
  const second = start("second");
  await first.indexer.drain(AbortSignal.timeout(10_000));
  await first.indexer.stop();
  await room.say("of the second");
  await expect.poll(() => texts(room.owner, "second"), patience).toEqual(["of the second"]);
  await second.indexer.stop();
  expect((await store.searchIndex.status(10)).lag).toBe(0);
});

test("a database that fails for a time delays the index, and nothing is left out", async () => {
  const room = await TestRoom.open(store);
  let failures = 4;
  const failing: SearchIndex = {
    ...store.searchIndex,
    async write(token, write) {
      const wasWritten = await store.searchIndex.write(token, write);
      failures -= 1;
      // Committed or not, the caller does not know.
      if (failures >= 0) throw Object.assign(new Error("away"), { code: "ECONNRESET" });
      return wasWritten;
    },
  };
  await room.say("one", "two");
  const { indexer, metrics } = start("third", failing);
  await room.say("three");
  const { texts } = searcherOf(store);
  await expect.poll(() => texts(room.owner, "from:me"), patience).toEqual(["three", "two", "one"]);
  await indexer.stop();
  expect(await metrics.text()).toContain("search_lag_batches");
});
