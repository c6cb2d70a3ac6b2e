import { expect, test } from "vitest";
import { LeaseLost, type Store } from "../../src/store.ts";
import { createRoom, fresh, freshNumber, type GetStore, HOUR_MS, messages } from "./fixtures.ts";

/** A lease that is over when it is given: what follows needs no waiting. */
const OVER = 0;

async function acquire(store: Store, shard: number, owner: string, ttlMs = HOUR_MS) {
  const lease = await store.shards.acquire(shard, owner, ttlMs);
  if (lease === null) throw new Error(`${owner} did not get shard ${shard}`);
  return lease;
}

export function shardsContract(getStore: GetStore): void {
  test("a shard has one owner while its lease lives", async () => {
    const store = getStore();
    const [shard, owner] = [freshNumber(), fresh("writer")];
    expect(await acquire(store, shard, owner)).toEqual({ shard, token: 1, offset: "" });
    expect(await store.shards.acquire(shard, fresh("writer"), HOUR_MS)).toBeNull();
  });

  test("of writers racing for a shard one gets it", async () => {
    const store = getStore();
    const shard = freshNumber();
    await acquire(store, shard, fresh("writer"), OVER);
    const racers = Array.from({ length: 10 }, () => store.shards.acquire(shard, fresh("writer"), HOUR_MS));
    const won = (await Promise.all(racers)).filter((lease) => lease !== null);
    expect(won).toEqual([{ shard, token: 2, offset: "" }]);
  });

  test("the token rises with every change of hands, also back to the same owner", async () => {
    const store = getStore();
    const [shard, owner] = [freshNumber(), fresh("writer")];
    const tokens = [];
    for (const next of [owner, owner, fresh("writer"), owner]) {
      tokens.push((await acquire(store, shard, next, OVER)).token);
    }
    expect(tokens).toEqual([1, 2, 3, 4]);
  });

  test("renewing keeps what is still held and says which", async () => {
    const store = getStore();
    const [mine, lost, rival] = [freshNumber(), freshNumber(), fresh("writer")];
    const owner = fresh("writer");
    const leases = [await acquire(store, mine, owner, OVER), await acquire(store, lost, owner, OVER)];
    await acquire(store, lost, rival);
    expect(await store.shards.renew(owner, leases, HOUR_MS)).toEqual(new Map([[mine, ""]]));
    expect(await store.shards.acquire(mine, rival, HOUR_MS)).toBeNull();
    expect(await store.shards.renew(owner, [], HOUR_MS)).toEqual(new Map());
  });

  test("a released shard is free at once; a lease that was lost releases nothing", async () => {
    const store = getStore();
    const [shard, owner, rival] = [freshNumber(), fresh("writer"), fresh("writer")];
    const lease = await acquire(store, shard, owner);
    await store.shards.release(owner, lease);
    const taken = await acquire(store, shard, rival);
    expect(taken.token).toBe(lease.token + 1);
    await store.shards.release(owner, lease);
    expect(await store.shards.acquire(shard, owner, HOUR_MS)).toBeNull();
  });

  test("owners counts writers that live, also one that waits for a shard", async () => {
    const store = getStore();
    const { shards } = store;
    const before = await shards.owners();
    const [first, second] = [freshNumber(), freshNumber()];
    const [busy, waiting] = [fresh("writer"), fresh("writer")];
    const held = [await acquire(store, first, busy), await acquire(store, second, busy)];
    await acquire(store, freshNumber(), fresh("dead"), OVER);
    expect(await shards.owners()).toBe(before + 1);
    expect(await shards.acquire(first, waiting, HOUR_MS)).toBeNull();
    expect(await shards.owners()).toBe(before + 2);
    for (const lease of held) {
      expect(await shards.owners()).toBe(before + 2);
      await shards.release(busy, lease);
    }
    expect(await shards.owners()).toBe(before + 1);
    await shards.renew(busy, [], HOUR_MS);
    expect(await shards.owners()).toBe(before + 2);
  });

  fencingContract(getStore);
}

function fencingContract(getStore: GetStore): void {
  test("G2 the next owner starts at the offset of the last committed batch, also of an empty one", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const lease = await acquire(store, freshNumber(), fresh("writer"), OVER);
    await store.events.append({ lease, offset: "5-1", events: messages(room, owner, 2) });
    expect(await acquire(store, lease.shard, fresh("writer"), OVER)).toMatchObject({ token: 2, offset: "5-1" });
    await store.events.append({ lease: { ...lease, token: 2, offset: "5-1" }, offset: "6-0", events: [] });
    expect(await acquire(store, lease.shard, fresh("writer"))).toMatchObject({ token: 3, offset: "6-0" });
  });

  test("G2 a shard that stands elsewhere than its writer believes has fallen back, and takes nothing", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const lease = await acquire(store, freshNumber(), fresh("writer"), OVER);
    const believed = { ...lease, offset: "4-1" };
    const batch = { lease: believed, offset: "5-1", events: messages(room, owner, 2) };
    await expect(store.events.append(batch)).rejects.toBeInstanceOf(LeaseLost);
    const entry = { offset: "5-1", frame: JSON.stringify(batch.events[0]), error: "?" };
    await expect(store.events.deadLetter({ lease: believed, offset: "5-1" }, entry)).rejects.toBeInstanceOf(LeaseLost);
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([]);
    expect((await acquire(store, lease.shard, fresh("writer"))).offset).toBe(lease.offset);
  });

  test("G3 a sealed shard takes nothing that was read of an earlier log, and is sealed once", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const writer = fresh("writer");
    const lease = await acquire(store, freshNumber(), writer);
    await store.events.append({ lease, offset: "one/5-1", events: messages(room, owner, 1) });
    await store.shards.seal(lease.shard, "one/0-0");
    const inHand = { lease: { ...lease, offset: "one/5-1" }, offset: "one/7-3", events: messages(room, owner, 3) };
    await store.shards.seal(lease.shard, "two/0-0");
    await expect(store.events.append(inHand)).rejects.toBeInstanceOf(LeaseLost);
    const anew = await acquire(store, lease.shard, writer);
    expect(anew.offset).toBe("two/0-0");
    await store.events.append({ lease: anew, offset: "two/2-2", events: messages(room, owner, 2).slice(1) });
    await store.shards.seal(lease.shard, "two/0-0");
    expect((await acquire(store, lease.shard, writer)).offset).toBe("two/2-2");
    expect(await store.events.page(room, { after: 0, limit: 9 })).toHaveLength(2);
    await store.shards.seal(freshNumber(), "two/0-0");
  });

  test("G3 an owner that lost its lease commits neither rows nor offset nor dead letters", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const old = await acquire(store, freshNumber(), fresh("writer"), OVER);
    const { offset } = await acquire(store, old.shard, fresh("writer"), OVER);
    const events = messages(room, owner, 2);
    await expect(store.events.append({ lease: old, offset: "9-9", events })).rejects.toBeInstanceOf(LeaseLost);
    const frame = JSON.stringify(events[0]);
    const entry = { offset: "9-9", frame, error: "?" };
    await expect(store.events.deadLetter({ lease: old, offset: "9-9" }, entry)).rejects.toBeInstanceOf(LeaseLost);
    await expect(
      store.events.append({ lease: { ...old, shard: freshNumber() }, offset: "1-0", events }),
    ).rejects.toBeInstanceOf(LeaseLost);
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([]);
    expect((await acquire(store, old.shard, fresh("writer"))).offset).toBe(offset);
  });
}
