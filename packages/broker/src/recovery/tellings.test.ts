import { type EventId, newId, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { newRoom } from "../../test/fixture.ts";
import { openLog, openStore } from "../../test/losable-log.ts";
import { createAcceptor } from "../create-acceptor.ts";
import { Tellings } from "./tellings.ts";

const ROOMS = 1_000;

test("rooms that tell one after another fence the writer of their shard a few times, and another shard waits for none", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const tell = vi.fn(async (_shard: number, _events: readonly string[]) => undefined);
  const tellings = new Tellings<string>(tell);
  const told = vi.fn();
  for (let room = 0; room < ROOMS; room += 1) {
    void tellings.tell(0, [`room ${room}`]).then(told);
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(tell.mock.calls.length).toBeLessThanOrEqual(5);
  await tellings.tell(1, ["other shard"]);
  await vi.advanceTimersByTimeAsync(250);
  expect(told).toHaveBeenCalledTimes(ROOMS);
  const events = tell.mock.calls.flatMap(([shard, all]) => (shard === 0 ? all : []));
  expect(events).toEqual(Array.from({ length: ROOMS }, (_none, room) => `room ${room}`));
});

test("a telling that fails fails for those that it was for, and takes no more than its bound", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const tell = vi.fn(async (_shard: number, _events: readonly number[]) => undefined);
  const tellings = new Tellings<number>(tell);
  await tellings.tell(0, [1]);
  tell.mockRejectedValueOnce(new Error("away"));
  const many = Array.from({ length: 3_000 }, (_none, at) => at);
  const outcomes = Promise.allSettled([tellings.tell(0, many), tellings.tell(0, many), tellings.tell(0, [2])]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(tell.mock.calls.map(([, events]) => events.length)).toEqual([1, 3_000, 3_001]);
});

test("the rooms of a log that comes back tell the store together", async () => {
  const [log, store] = [openLog(), openStore()];
  await using acceptor = createAcceptor({ broker: log, beginEpoch: store.beginEpoch, fence: store.fence });
  const user = newId<UserId>();
  const rooms = Array.from({ length: 20 }, () => newRoom());
  const events = rooms.map((room) => ({ room, user, id: newId<EventId>(), body: `,"text":"lost twice"}` }));
  const first = await Promise.all(events.map((one) => acceptor.accept(one)));
  log.lose();
  await Promise.all(rooms.map((room) => acceptor.accept({ room, user, id: newId<EventId>(), body: "}" })));
  log.lose();
  for (const [at, one] of events.entries())
    await log.remember(one.room, [{ ...one, seq: first[at]?.seq ?? 0, epoch: 1, at: Date.now() }]);
  const told = vi.spyOn(store.fence, "moved");
  await Promise.all(rooms.map((room) => acceptor.accept({ room, user, id: newId<EventId>(), body: "}" })));
  expect(store.moved.map(({ room }) => room).sort()).toEqual(rooms.toSorted());
  expect(told.mock.calls.length).toBeLessThanOrEqual(3);
});
