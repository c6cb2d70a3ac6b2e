import type { SessionId, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { ShardsMismatch, type Store } from "../../src/store.ts";
import { createRoom, createUser, fresh, type GetStore, HOUR_MS, inMs, message, storeEvents } from "./fixtures.ts";

const BILLION = 1_000_000_000;

async function createSession(store: Store, user: UserId): Promise<SessionId> {
  const created = { refreshHash: fresh("hash"), expiresAt: inMs(HOUR_MS), max: 1 };
  return (await store.sessions.create(user, created)).session;
}

/** Last in its file: it ends all leases and sessions. */
export function clusterContract(getStore: GetStore): void {
  test("the first processes of a cluster agree on the shards, and one with another number is refused by name", async () => {
    const { cluster } = getStore();
    const asked = await Promise.allSettled([7, 8, 7, 8].map((shards) => cluster.agree(shards)));
    const agreed = asked.map(({ status }) => status === "fulfilled");
    expect([agreed.slice(0, 2).filter(Boolean).length, agreed[0] === agreed[2], agreed[1] === agreed[3]]).toEqual([
      1,
      true,
      true,
    ]);
    const shards = agreed[0] ? 7 : 8;
    await expect(cluster.agree(9)).rejects.toThrow(`SHARDS=9, but this cluster has ${shards} shards`);
    await expect(cluster.agree(9)).rejects.toBeInstanceOf(ShardsMismatch);
    expect(await cluster.agree(shards)).toEqual({ generation: 0 });
  });

  test("G6 an adopted database numbers far above all that may have been given out, and fences what went before", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const first = await store.rooms.beginEpoch(room, 0, 0);
    await storeEvents(store, [message(room, owner, 11)]);
    const never = await createRoom(store);
    const shard = 9_999;
    const old = await store.shards.acquire(shard, "old", 1);
    if (old === null) throw new Error("the shard is taken");
    const adoption = await store.cluster.adopt({ reason: "a test", keepSessions: true, above: 4 });
    expect(adoption).toMatchObject({ generation: 5, sessions: 0 });
    expect(await store.cluster.generation()).toBe(5);
    const around = await store.rooms.epochAround(room, first.epoch);
    expect(around).toMatchObject({ isKnown: true, next: { head: BILLION + 11 } });
    expect(around.next?.epoch).toBeGreaterThanOrEqual(first.epoch + 1_000);
    expect((await store.events.head(room)).epoch).toBe(around.next?.epoch);
    expect(await store.rooms.beginEpoch(never.room, 0, 0)).toEqual({ epoch: 1, head: 0 });
    const taken = await store.shards.acquire(shard, "new", HOUR_MS);
    expect(taken).toMatchObject({ token: old.token + 1_000_001, offset: "" });
    await expect(store.events.append({ lease: old, offset: "1-0", events: [] })).rejects.toThrow("no longer held");
    expect(await store.cluster.writersAlive()).toContain("new");
    // Again, as after an operator's second thoughts: it is only one generation more.
    expect((await store.cluster.adopt({ reason: "again", keepSessions: true, above: 0 })).generation).toBe(6);
  });

  test("G6 sessions are kept over an adoption when asked, and ended ones are told anew", async () => {
    const store = getStore();
    const user = await createUser(store);
    const session = await createSession(store, user.id);
    await store.cluster.adopt({ reason: "a test", keepSessions: true, above: 0 });
    expect(await store.sessions.isRevoked(session)).toBe(false);
    await store.cluster.adopt({ reason: "a test", keepSessions: false, above: 0 });
    // The keys of the new generation know of no revocation: whatever was told in a former one is to be told again.
    await store.sessions.setTold([session]);
    await store.cluster.adopt({ reason: "a test", keepSessions: true, above: 0 });
    expect(await store.sessions.untold(new Date(Date.now() - HOUR_MS), 10_000)).toContain(session);
  });

  test("sessions end with the adoption unless they are kept, and their number is told", async () => {
    const store = getStore();
    const user = await createUser(store);
    const session = await createSession(store, user.id);
    const { sessions } = await store.cluster.adopt({ reason: "a test", keepSessions: false, above: 0 });
    expect(sessions).toBeGreaterThan(0);
    expect(await store.sessions.isRevoked(session)).toBe(true);
  });
}
