import type { RoomId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { brokerContract } from "../../test/contract/broker-contract.ts";
import {
  accept,
  BACKLOG_MAX,
  BACKLOG_MAX_BYTES,
  message,
  open,
  openRoom,
  record,
  SHARDS,
  seqOf,
} from "../../test/fixture.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import { createMemoryBroker } from "./memory-broker.ts";

brokerContract(() =>
  createMemoryBroker({
    shards: SHARDS,
    backlogMaxEvents: BACKLOG_MAX,
    backlogMaxBytes: BACKLOG_MAX_BYTES,
    durableAccept: false,
  }),
);

const durable = () => createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 10_000, durableAccept: true });

test("G4 nobody is answered and nobody sees anything before it is committed", async () => {
  const broker = open(durable);
  const heard = record(broker);
  const room = await openRoom(broker);
  await broker.subscribe(room);
  const answered = vi.fn();
  const accepting = accept(broker, message(room, "a"), message(room, "b")).then(answered);
  const later = accept(broker, message(room, "c"));
  await using log = await broker.openLog(0);
  expect(await log.read("", 10, 0)).toHaveLength(3);
  expect(answered).not.toHaveBeenCalled();
  expect(await broker.heads([room])).toEqual([{ epoch: 1, seq: 0, durable: 0 }]);
  expect(await broker.tail(room, 0, 10)).toEqual([]);
  expect(heard.frames).toEqual([]);

  await broker.publishMarks(0, [{ room, seq: 2 }]);
  await accepting;
  expect(answered.mock.calls[0]?.[0].map(seqOf)).toEqual([1, 2]);
  expect(heard.textsOf(room).map((frame) => JSON.parse(frame).seq)).toEqual([1, 2, 2]);
  expect(await broker.heads([room])).toEqual([{ epoch: 1, seq: 2, durable: 2 }]);
  await broker.publishMarks(0, [{ room, seq: 3 }]);
  expect((await later).map(seqOf)).toEqual([3]);
});

test("G3 an event that is sent again while it waits is answered with its commit, too", async () => {
  const broker = open(durable);
  const room = await openRoom(broker);
  const request = message(room, "a");
  const both = [accept(broker, request), accept(broker, request)];
  await broker.publishMarks(0, [{ room, seq: 1 }]);
  expect((await Promise.all(both)).flat().map(({ state }) => state)).toEqual(["accepted", "duplicate"]);
});

test("an accept without a commit ends as unavailable", async () => {
  vi.useFakeTimers();
  onTestFinished(() => vi.useRealTimers() && undefined);
  const broker = open(durable);
  const room = await openRoom(broker);
  const accepting = expect(accept(broker, message(room, "a"))).rejects.toThrow(BrokerUnavailable);
  await vi.advanceTimersByTimeAsync(10_000);
  await accepting;
});

test("G8 rooms that nobody uses are let go, those in use and those with work are kept", async () => {
  const broker = open(() => createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 10_000, durableAccept: false }));
  record(broker);
  const [idle, subscribed, working] = [await openRoom(broker), await openRoom(broker), await openRoom(broker)];
  await broker.subscribe(subscribed);
  await accept(broker, message(working, "a"));
  for (let rooms = 0; rooms < 2_000; rooms += 1) await openRoom(broker);
  expect((await broker.heads([idle, subscribed, working])).map((head) => head !== null)).toEqual([false, true, true]);
  expect(await accept(broker, message(idle, "b"))).toEqual([{ state: "uninitialised", head: 0 }]);
});

test("G8 a tail keeps its bound, and whatever is not durable", async () => {
  const broker = open(() => createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 10_000, durableAccept: false }));
  const room = await openRoom(broker);
  await accept(broker, ...Array.from({ length: 600 }, (_none, at) => message(room, `${at}`)));
  expect(await broker.tail(room, 0, 1_000)).toHaveLength(600);
  await broker.publishMarks(0, [{ room, seq: 100 }]);
  expect((await broker.tail(room, 0, 1_000))[0]?.seq).toBe(101);
  await broker.publishMarks(0, [{ room, seq: 600 }]);
  expect(await broker.tail(room, 0, 1_000)).toHaveLength(256);
});

const LARGE = "\u0001".repeat(1_300);
const bytesOf = (frames: readonly { readonly frame: Buffer }[]) =>
  frames.reduce((sum, { frame }) => sum + frame.length, 0);

test("G8 a tail is bounded in bytes, and keeps whatever is not durable", async () => {
  const broker = open(() =>
    createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 10_000, tailMaxBytes: 100_000, durableAccept: false }),
  );
  const room = await openRoom(broker);
  await accept(broker, ...Array.from({ length: 60 }, () => message(room, LARGE)));
  expect(await broker.tail(room, 0, 1_000)).toHaveLength(60);
  await broker.publishMarks(0, [{ room, seq: 10 }]);
  expect((await broker.tail(room, 0, 1_000))[0]?.seq).toBe(11);
  await broker.publishMarks(0, [{ room, seq: 60 }]);
  const kept = await broker.tail(room, 0, 1_000);
  expect(bytesOf(kept)).toBeLessThanOrEqual(100_000);
  expect(bytesOf(kept)).toBeGreaterThan(90_000);
  expect(kept.at(-1)?.seq).toBe(60);
});

test("G8 the tails of all rooms together are bounded in bytes: those silent for longest go, what is not durable stays", async () => {
  const broker = open(() =>
    createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 10_000, tailsMaxBytes: 500_000, durableAccept: false }),
  );
  const waiting = await openRoom(broker);
  await accept(broker, message(waiting, LARGE));
  const rooms: RoomId[] = [];
  for (let at = 0; at < 40; at += 1) {
    const room = await openRoom(broker);
    rooms.push(room);
    await accept(broker, ...Array.from({ length: 10 }, () => message(room, LARGE)));
    await broker.publishMarks(0, [{ room, seq: 10 }]);
    const tails = await Promise.all([waiting, ...rooms].map((one) => broker.tail(one, 0, 100)));
    expect(bytesOf(tails.flat())).toBeLessThan(600_000);
  }
  const lengths = await Promise.all([waiting, ...rooms].map(async (one) => (await broker.tail(one, 0, 100)).length));
  expect([lengths[0], lengths[1], lengths.at(-1)]).toEqual([1, 0, 10]);
});
