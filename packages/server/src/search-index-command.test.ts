import { createEmbeddedStore } from "@hubbub/store";
import { expect, inject, test } from "vitest";
import { parseSearchIndexArguments, searchIndexCommand } from "./search-index-command.ts";

test("the command tells how far the index is, and a rebuild begins from the first message", async () => {
  await using store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
  const token = (await store.searchIndex.acquire("test", 60_000)) ?? 0;
  const range = (await store.searchIndex.older(1_000))?.range ?? null;
  await store.searchIndex.write(token, { documents: [], removed: [], entries: [], range });
  expect(await searchIndexCommand(store, { rebuild: false })).toBe(
    "search is available.\n0 stored batches wait to be indexed.\nall earlier messages are indexed.\n",
  );
  expect(await searchIndexCommand(store, { rebuild: true })).toContain("is reading the earlier messages");
  expect(parseSearchIndexArguments(["--rebuild"])).toEqual({ rebuild: true });
  expect(parseSearchIndexArguments(["--now"])).toBeNull();
});
