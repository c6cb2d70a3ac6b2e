import { type EventId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { newRoom, SHARDS } from "../../test/fixture.ts";
import { type AcceptorOptions, createAcceptor } from "../create-acceptor.ts";
import { createMemoryBroker } from "../memory/memory-broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";

const user = newId<UserId>();
const event = (room: RoomId, body = "}") => ({ room, user, id: newId<EventId>(), body });
const beginEpoch = async (_room: RoomId, seen: number) => ({ epoch: 1, head: seen });
const open = (backlogMaxEvents = 10_000) =>
  createMemoryBroker({ shards: SHARDS, backlogMaxEvents, durableAccept: false });

/** A log of which the test decides what it answers, and when. */
function logThat(accept: (batch: readonly AcceptRequest[]) => Promise<readonly AcceptResult[]>) {
  const initialise = vi.fn(async () => ({ epoch: 1, seq: 0, durable: 0 }));
  return {
    shards: SHARDS,
    epochJump: 7,
    isAcceptDurable: false,
    initialise,
    heads: async () => [],
    tail: async () => [],
    openLog: () => Promise.reject(new Error("an acceptor does not read the log")),
    logStart: async () => "log/0",
    publishMarks: async () => undefined,
    remember: async () => undefined,
    accept: (_shard: number, batch: readonly AcceptRequest[]) => accept(batch),
  };
}

test("G1 events get their seqs in the order in which they were given", async () => {
  const acceptor = createAcceptor({ broker: open(), beginEpoch });
  const [one, other] = [newRoom(), newRoom()];
  const results = await Promise.all(
    Array.from({ length: 1_000 }, (_none, at) => acceptor.accept(event(at % 3 === 0 ? other : one))),
  );
  const seqs = (isOther: boolean) => results.filter((_result, at) => (at % 3 === 0) === isOther).map(({ seq }) => seq);
  for (const isOther of [true, false]) {
    expect(seqs(isOther)).toEqual(seqs(isOther).map((_seq, at) => at + 1));
  }
});

test("an epoch is asked for once, with what is known, however many events wait for it", async () => {
  const broker = open();
  const begin = vi.fn(beginEpoch);
  const acceptor = createAcceptor({ broker, beginEpoch: begin });
  const room = newRoom();
  acceptor.recovery.saw(room, 41);
  const results = await Promise.all(Array.from({ length: 600 }, () => acceptor.accept(event(room))));
  expect(begin.mock.calls).toEqual([[room, 41, broker.epochJump, 0]]);
  expect(results.map(({ seq }) => seq)).toEqual(results.map((_result, at) => at + 42));
});

test("G1 a room that waits for its epoch keeps its order and holds up no other", async () => {
  const [slow, quick] = [newRoom(), newRoom()];
  let begin = () => undefined;
  const asked = new Promise<void>((resolve) => {
    begin = () => void resolve();
  });
  const acceptor = createAcceptor({
    broker: open(),
    async beginEpoch(room) {
      if (room === slow) await asked;
      return { epoch: 1, head: 0 };
    },
  });
  const first = Array.from({ length: 300 }, () => acceptor.accept(event(slow)));
  expect((await acceptor.accept(event(quick))).seq).toBe(1);
  const second = Array.from({ length: 300 }, () => acceptor.accept(event(slow)));
  expect((await acceptor.accept(event(quick))).seq).toBe(2);
  begin();
  const seqs = (await Promise.all([...first, ...second])).map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_seq, at) => at + 1));
});

test("G6 a log behind what was seen is numbered anew, above it", async () => {
  const broker = open();
  const acceptor = createAcceptor({ broker, beginEpoch });
  const room = newRoom();
  expect(await acceptor.accept(event(room))).toMatchObject({ epoch: 1, seq: 1 });
  acceptor.recovery.saw(room, 500);
  expect(await acceptor.accept(event(room))).toMatchObject({ epoch: 2, seq: 501 });
});

test("one batch of a shard is under way, and the next gathers meanwhile", async () => {
  const sizes: number[] = [];
  const answers: (() => void)[] = [];
  const broker = logThat((batch) => {
    sizes.push(batch.length);
    return new Promise((resolve) => {
      answers.push(() => resolve(batch.map((_none, at) => ({ state: "accepted", seq: at + 1, epoch: 1, at: 0 }))));
    });
  });
  const acceptor = createAcceptor({ broker, beginEpoch });
  const room = newRoom();
  const all = [acceptor.accept(event(room))];
  await vi.waitFor(() => expect(sizes).toEqual([1]));
  for (let events = 0; events < 1_100; events += 1) all.push(acceptor.accept(event(room)));
  await new Promise(setImmediate);
  expect(sizes).toEqual([1]);
  for (const expected of [
    [1, 1_024],
    [1, 1_024, 76],
  ]) {
    answers.shift()?.();
    await vi.waitFor(() => expect(sizes).toEqual(expected));
  }
  answers.shift()?.();
  await Promise.all(all);
});

test("G8 a full backlog is told as overloaded, with the time to wait", async () => {
  const acceptor = createAcceptor({ broker: open(2), beginEpoch });
  const room = newRoom();
  const results = await Promise.allSettled(Array.from({ length: 3 }, () => acceptor.accept(event(room))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(results[2]).toMatchObject({ reason: { code: "overloaded" } });
  const { retryAfterMs } = (results[2] as PromiseRejectedResult).reason;
  expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
  expect(retryAfterMs).toBeLessThanOrEqual(2_000);
});

test("G8 what waits is bounded in events and in bytes", async () => {
  const broker: AcceptorOptions["broker"] = logThat(() => new Promise(() => undefined));
  const events = createAcceptor({ broker, beginEpoch });
  for (let waiting = 0; waiting < 20_000; waiting += 1) void events.accept(event(newRoom()));
  await expect(events.accept(event(newRoom()))).rejects.toMatchObject({ code: "overloaded" });
  const bytes = createAcceptor({ broker, beginEpoch });
  const body = "x".repeat(1_024 * 1_024);
  for (let waiting = 0; waiting < 64; waiting += 1) void bytes.accept(event(newRoom(), body));
  await expect(bytes.accept(event(newRoom()))).rejects.toMatchObject({ code: "overloaded" });
});

test("G8 a call of the log is bounded in events and in bytes", async () => {
  const sizes: number[] = [];
  const broker = logThat(async (batch) => {
    sizes.push(batch.length);
    return batch.map(() => ({ state: "accepted", seq: 1, epoch: 1, at: 0 }));
  });
  const acceptor = createAcceptor({ broker, beginEpoch });
  const room = newRoom();
  const accept = (count: number, body: string) =>
    Promise.all(Array.from({ length: count }, () => acceptor.accept(event(room, body))));
  await accept(40, "x".repeat(65_536));
  expect(sizes.splice(0)).toEqual([16, 16, 8]);
  await accept(1_100, "}");
  expect(Math.max(...sizes)).toBe(1_024);
});

test("a log that is away is told as unavailable, and the next event finds it again", async () => {
  let isAway = true;
  const broker = logThat(async (batch) => {
    if (isAway) throw new BrokerUnavailable("away");
    return batch.map(() => ({ state: "accepted", seq: 1, epoch: 1, at: 0 }));
  });
  const acceptor = createAcceptor({ broker, beginEpoch });
  await expect(acceptor.accept(event(newRoom()))).rejects.toMatchObject({ code: "unavailable" });
  isAway = false;
  expect(await acceptor.accept(event(newRoom()))).toMatchObject({ seq: 1 });
});

test("what beginEpoch throws reaches who waits, and the next event asks again", async () => {
  const begin = vi.fn(beginEpoch).mockRejectedValueOnce(new Error("store is away"));
  const acceptor = createAcceptor({ broker: open(), beginEpoch: begin });
  const room = newRoom();
  const failed = await Promise.allSettled([acceptor.accept(event(room)), acceptor.accept(event(room))]);
  expect(failed).toMatchObject(Array(2).fill({ reason: { message: "store is away" } }));
  expect((await acceptor.accept(event(room))).seq).toBe(1);
});

test("a room that never becomes numbered is given up", async () => {
  const broker = logThat(async (batch) => batch.map(() => ({ state: "uninitialised", head: 3 })));
  const acceptor = createAcceptor({ broker, beginEpoch });
  const room = newRoom();
  await expect(acceptor.accept(event(room))).rejects.toMatchObject({ code: "unavailable" });
  expect(broker.initialise.mock.calls).toEqual(Array(4).fill([room, { epoch: 1, head: 3, seen: 3 }]));
});
