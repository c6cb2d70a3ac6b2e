import { BrokerUnavailable } from "@hubbub/broker";
import { expect, test, vi } from "vitest";
import {
  acceptTexts,
  type GetStack,
  LEASE_MS,
  lastMark,
  metricOf,
  numbered,
  openRoom,
  SHARDS,
  startWriter,
  stored,
  withEdge,
} from "./stack.ts";

export function handoverSuite(getStack: GetStack): void {
  test("G2 G3 killed between commit and mark: the next writer stores nothing twice and publishes the mark", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    const mute = withEdge(stack.broker, {
      async publishMarks() {
        throw new BrokerUnavailable("cut off");
      },
    });
    const killed = startWriter({ ...stack, broker: mute });
    await acceptTexts(stack, room, ["a", "b"]);
    await vi.waitFor(async () => expect(await stored(stack, room)).toEqual(["a", "b"]), 5_000);
    await killed.stop();
    expect(lastMark(stack, room)).toBeUndefined();

    const next = startWriter(stack);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2), 5_000);
    expect(await metricOf(next.metrics, "writer_rows_total")).toBe(0);
    await acceptTexts(stack, room, ["c"]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(3));
    expect(await metricOf(next.metrics, "writer_rows_total")).toBe(1);
  });

  test("G2 a writer that vanished is replaced when its leases have run out", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    const vanished = startWriter(stack);
    await acceptTexts(stack, room, ["a"]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(1), 5_000);
    await vanished.stop();
    await acceptTexts(stack, room, ["b"]);
    startWriter(stack);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2), 10 * LEASE_MS);
    expect(await stored(stack, room)).toEqual(["a", "b"]);
  });

  test("G3 a writer whose leases ran out unnoticed commits nothing over the next owner", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    // Its lease is not renewed but its log goes on: as a process that was frozen for a while.
    let thaw = (): void => undefined;
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    const shards = withEdge(stack.store.shards, {
      async renew(owner, leases, ttlMs) {
        if (leases.length > 0) await thawed;
        return await stack.store.shards.renew(owner, leases, ttlMs);
      },
    });
    const frozen = startWriter({ ...stack, store: { ...stack.store, shards } });
    await acceptTexts(stack, room, ["a"]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(1), 5_000);

    const successor = startWriter(stack);
    await vi.waitFor(async () => expect(await metricOf(successor.metrics, "writer_leases")).toBe(SHARDS), 5_000);
    await acceptTexts(stack, room, numbered("b", 50));
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(51), 5_000);
    expect(await stored(stack, room)).toEqual(["a", ...numbered("b", 50)]);
    expect(await metricOf(successor.metrics, "writer_rows_total")).toBe(50);
    expect(await metricOf(frozen.metrics, "writer_rows_total")).toBe(1);
    thaw();
  });

  test("G10 two writers share the shards, and a drained one leaves them to the other", async () => {
    const stack = getStack();
    const rooms = await Promise.all(Array.from({ length: 8 }, () => openRoom(stack)));
    const one = startWriter(stack);
    await vi.waitFor(async () => expect(await metricOf(one.metrics, "writer_leases")).toBe(SHARDS), 5_000);
    const other = startWriter(stack);
    await vi.waitFor(async () => {
      expect(await metricOf(one.metrics, "writer_leases")).toBe(SHARDS / 2);
      expect(await metricOf(other.metrics, "writer_leases")).toBe(SHARDS / 2);
    }, 5_000);
    await Promise.all(rooms.map((room) => acceptTexts(stack, room, ["a"])));
    await one.drain(AbortSignal.timeout(5_000));
    await Promise.all(rooms.map((room) => acceptTexts(stack, room, ["b"])));
    await vi.waitFor(() => expect(rooms.map((room) => lastMark(stack, room))).toEqual(rooms.map(() => 2)), 5_000);
    expect(await metricOf(other.metrics, "writer_leases")).toBe(SHARDS);
  });

  test("G10 a drain commits the batch in memory, publishes its mark and releases the leases", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    let inCommit = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      inCommit = resolve;
    });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const events = withEdge(stack.store.events, {
      async append(batch) {
        inCommit();
        await gate;
        return await stack.store.events.append(batch);
      },
    });
    const leaving = startWriter({ ...stack, store: { ...stack.store, events } }, { leaseMs: 60_000, markMs: 60_000 });
    await acceptTexts(stack, room, ["a", "b"]);
    await reached;
    const drained = leaving.drain(AbortSignal.timeout(5_000));
    open();
    await drained;
    expect(await stored(stack, room)).toEqual(["a", "b"]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2));
    const lease = await stack.store.shards.acquire(0, "anybody", 1);
    expect(lease).not.toBeNull();
  });
}
