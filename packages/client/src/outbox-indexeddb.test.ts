import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { FakeLocks } from "../test/fake-locks.ts";
import { indexedDbOutbox } from "./outbox-indexeddb.ts";
import type { KeptEvent, OutboxBounds, OutboxStorage } from "./outbox-storage.ts";

let locks: FakeLocks;
beforeEach(() => {
  locks = new FakeLocks();
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("IDBKeyRange", IDBKeyRange);
  vi.stubGlobal("navigator", { locks });
});
afterEach(() => vi.unstubAllGlobals());

const message = (id: string, text = id): KeptEvent => ({ type: "publish", room: "room", id, text, at: 1, after: 0 });
const idsOf = (messages: readonly KeptEvent[]) => messages.map(({ id }) => id);

/** A tab. `close` is its end, with or without a goodbye: the browser frees its lock. */
async function openTab(owner = "ada", bounds: OutboxBounds = {}) {
  const outbox = indexedDbOutbox(bounds);
  onTestFinished(() => outbox.close());
  const adopted: string[] = [];
  const left = idsOf(await outbox.open(owner, (messages) => adopted.push(...idsOf(messages))));
  return { outbox, left, adopted };
}

const add = async (outbox: OutboxStorage, ...ids: string[]) => {
  await Promise.all(ids.map((id) => outbox.add(message(id))));
};

test("what a closed tab left goes to the next tab of its user, in its order, once", async () => {
  const first = await openTab();
  await add(first.outbox, "a", "b", "c");
  await first.outbox.remove("b");
  await first.outbox.close();
  expect((await openTab("bob")).left).toEqual([]);
  const second = await openTab();
  expect(second.left).toEqual(["a", "c"]);
  expect((await openTab()).left).toEqual([]);
});

test("a tab takes over what another one leaves, and nothing of one that is open", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const first = await openTab();
  const second = await openTab();
  await add(first.outbox, "a");
  await add(second.outbox, "own");
  await vi.advanceTimersByTimeAsync(10_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(second.adopted).toEqual([]);
  await first.outbox.close();
  await vi.advanceTimersByTimeAsync(10_000);
  await vi.waitFor(() => expect(second.adopted).toEqual(["a"]));
  await vi.advanceTimersByTimeAsync(10_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(second.adopted).toEqual(["a"]);
});

test("two tabs that look at the same moment share nothing of what a closed one left", async () => {
  const first = await openTab();
  await add(first.outbox, "a", "b");
  await first.outbox.close();
  const [one, other] = await Promise.all([openTab(), openTab()]);
  expect([...one.left, ...other.left]).toEqual(["a", "b"]);
});

test("a tab holds its lock only while it keeps something", async () => {
  const { outbox } = await openTab();
  expect(locks.names).toEqual([]);
  await add(outbox, "a", "b");
  expect(locks.names).toHaveLength(1);
  await outbox.remove("a");
  await outbox.remove("unknown");
  expect(locks.names).toHaveLength(1);
  await outbox.remove("b");
  await vi.waitFor(() => expect(locks.names).toEqual([]));
});

test("a message that another tab is given again is that tab's, and nobody else's while it is open", async () => {
  const [first, second] = [await openTab(), await openTab()];
  await add(first.outbox, "a");
  await add(second.outbox, "a", "b");
  await second.outbox.remove("b");
  await first.outbox.close();
  expect((await openTab()).left).toEqual([]);
  await second.outbox.close();
  expect((await openTab()).left).toEqual(["a"]);
});

test("G8 all tabs share the bounds in messages and in bytes", async () => {
  const first = await openTab("ada", { maxEvents: 2, maxBytes: 300 });
  const second = await openTab("ada", { maxEvents: 2, maxBytes: 300 });
  await add(first.outbox, "a");
  await expect(second.outbox.add(message("long", "x".repeat(300)))).rejects.toMatchObject({ code: "outbox_full" });
  await add(second.outbox, "b");
  await expect(second.outbox.add(message("c"))).rejects.toMatchObject({ code: "outbox_full" });
  await first.outbox.remove("a");
  await add(second.outbox, "c");
  await add(second.outbox, "c");
  await expect(first.outbox.add(message("d"))).rejects.toMatchObject({ code: "outbox_full" });
});

test("a page without Web Locks is told what it lacks", async () => {
  vi.stubGlobal("navigator", {});
  await expect(indexedDbOutbox().open("ada", () => undefined)).rejects.toMatchObject({
    code: "outbox_failed",
    message: expect.stringContaining("Web Locks"),
  });
});
