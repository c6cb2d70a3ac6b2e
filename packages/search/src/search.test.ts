import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import { createEmbeddedStore, type Search, type Store } from "@hubbub/store";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { searchContract } from "../test/search-contract.ts";
import { createSearcher } from "./searcher.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

describe("search on PGlite", () => searchContract(() => store));

test("G8 a page compares no more texts than it shows, and lets others have their turn between them", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 10));
  onTestFinished(() => clock.mockRestore());
  const room = newId<RoomId>();
  let turns = 0;
  const turnsBefore: number[] = [];
  const message = {
    ...{ room, seq: 1, at: 1, by: { id: newId<UserId>(), username: "ann" } },
    ...{ thread: null, isEdited: false, isPinned: false },
    get text() {
      turnsBefore.push(turns);
      setImmediate(() => {
        turns += 1;
      });
      return "tea";
    },
  };
  const search = {
    isReady: async () => true,
    scan: async () => ({ places: Array.from({ length: 40 }, () => message), horizon: null }),
    read: async () => Array.from({ length: 40 }, () => message),
  } as unknown as Search;
  const { results } = await createSearcher(search).page(newId(), "tea", undefined);
  expect(results).toHaveLength(20);
  expect(turnsBefore).toEqual(Array.from({ length: 21 }, (_none, at) => at));
});
