import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { AdoptionRefused, adopt, parseAdoptArguments } from "./adopt.ts";
import { parseSettings } from "./settings.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

test("adopt takes a reason and whether sessions are kept, and nothing else", () => {
  expect(parseAdoptArguments([])).toEqual({ reason: "restored", keepSessions: false, keepLog: false });
  expect(parseAdoptArguments(["--reason", "disk lost", "--keep-sessions", "--keep-log"])).toEqual({
    reason: "disk lost",
    keepSessions: true,
    keepLog: true,
  });
  expect(parseAdoptArguments(["--force"])).toBeNull();
  expect(parseAdoptArguments(["now"])).toBeNull();
});

test("G6 a database that a writer works on is not adopted, and the refusal says what to stop", async () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const options = { reason: "a test", keepSessions: false, keepLog: false };
  const lease = await store.shards.acquire(0, "writer-1", 60_000);
  if (lease === null) throw new Error("the shard is taken");
  const refused = adopt(store, parseSettings({}), options);
  await expect(refused).rejects.toBeInstanceOf(AdoptionRefused);
  await expect(refused).rejects.toThrow("stop every process first: 1 writers have a lease (writer-1)");
  expect(await store.cluster.generation()).toBe(0);
  await store.shards.release("writer-1", lease);
  await adopt(store, parseSettings({}), options);
  expect(await store.cluster.generation()).toBe(1);
  expect(write.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(/^generation 1: 0 rooms/),
    expect.stringContaining("then run verify"),
  ]);
  write.mockRestore();
});
