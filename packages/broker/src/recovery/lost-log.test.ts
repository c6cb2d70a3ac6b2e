import { type EventId, newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { newRoom } from "../../test/fixture.ts";
import { openLog, openStore } from "../../test/losable-log.ts";
import type { Acceptor } from "../accept/acceptor.ts";
import { type AcceptorOptions, createAcceptor } from "../create-acceptor.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { AcceptRequest } from "../roles/room-log.ts";

const user = newId<UserId>();
const event = (room: RoomId, body = "}") => ({ room, user, id: newId<EventId>(), body });
function open(broker: AcceptorOptions["broker"], store = openStore()): Acceptor {
  const acceptor = createAcceptor({ broker, beginEpoch: store.beginEpoch, fence: store.fence });
  onTestFinished(() => acceptor[Symbol.asyncDispose]());
  return acceptor;
}

const said = (text: string) => `,"text":"${text}"}`;
const found = { timeout: 3_000, interval: 10 };

test("G2 what is kept is let go when its mark comes, and nothing before", async () => {
  const log = openLog();
  const acceptor = open(log);
  const room = newRoom();
  const [first] = await Promise.all(Array.from({ length: 10 }, () => acceptor.accept(event(room))));
  expect(acceptor.recovery.undurable).toBe(10);
  await log.publishMarks(0, [{ room, seq: (first?.seq ?? 0) + 5 }]);
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(4), found);
  await log.publishMarks(0, [{ room, seq: (first?.seq ?? 0) + 9 }]);
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(0), found);
});

test("where accepted means committed nothing is kept", async () => {
  const log = openLog();
  const acceptor = open({ ...log, isAcceptDurable: true });
  await acceptor.accept(event(newRoom()));
  expect(acceptor.recovery.undurable).toBe(0);
});

test("G2 a mark of a later epoch lets go nothing of an earlier one", async () => {
  const [log, store] = [openLog(), openStore()];
  const [one, other] = [open(log, store), open(log, store)];
  const room = newRoom();
  await one.accept(event(room, said("lost")));
  log.lose();
  const { seq } = await other.accept(event(room, said("another's")));
  await log.publishMarks(0, [{ room, seq }]);
  await vi.waitFor(async () => expect(await log.texts()).toEqual(["another's", "lost"]), found);
  expect(one.recovery.undurable).toBe(1);
});

test("G2 G1 what was lost comes before what its process accepts next, whichever process began the epoch", async () => {
  const [log, store] = [openLog(), openStore()];
  const [one, other] = [open(log, store), open(log, store)];
  const room = newRoom();
  await one.accept(event(room, said("lost")));
  log.lose();
  await other.accept(event(room, said("another's")));
  await one.accept(event(room, said("next")));
  expect(await log.texts()).toEqual(["another's", "lost", "next"]);
});

test("G3 the order is number, seal, look up, offer; what the store has is not offered", async () => {
  const [log, store] = [openLog(), openStore()];
  const acceptor = open(log, store);
  const room = newRoom();
  const [stored, lost] = [event(room, said("stored")), event(room, said("lost"))];
  const numbers = await acceptor.accept(stored);
  await acceptor.accept(lost);
  store.rows.push({ ...stored, ...numbers });
  log.lose();
  await acceptor.accept(event(room, said("next")));
  expect(store.steps).toEqual(["begin 1", "begin 2", "seal", "look up 2", "look up 1"]);
  expect(await log.texts()).toEqual(["lost", "next"]);
});

test("G3 an event whose answer was lost with the log is answered from the store, if it is there", async () => {
  const [log, store] = [openLog(), openStore()];
  let isAnswerLost = false;
  const acceptor = open({ ...log, accept: (shard, batch) => log.accept(shard, batch).then(lose) }, store);
  function lose<Answer>(answer: Answer): Answer {
    if (isAnswerLost) throw new BrokerUnavailable("the answer was lost");
    return answer;
  }
  const room = newRoom();
  await log.initialise(room, { epoch: 7, head: 40 });
  isAnswerLost = true;
  const [stored, lost] = [event(room, said("stored")), event(room, said("lost"))];
  for (const sent of [stored, lost]) await expect(acceptor.accept(sent)).rejects.toMatchObject({ code: "unavailable" });
  store.rows.push({ ...stored, seq: 41, epoch: 7, at: 5 });
  isAnswerLost = false;
  log.lose();
  await log.initialise(room, { epoch: 8, head: 1_000_040 });
  expect(await acceptor.accept(stored)).toEqual({ state: "duplicate", seq: 41, epoch: 7, at: 5 });
  expect(await acceptor.accept(lost)).toMatchObject({ state: "accepted", epoch: 8 });
  expect(await log.texts()).toEqual(["lost"]);
});

test("G2 a store that is away delays recovery and nothing is forgotten; waiting callers get an error", async () => {
  const [log, store] = [openLog(), openStore()];
  const acceptor = open(log, store);
  const room = newRoom();
  await acceptor.accept(event(room, said("lost")));
  log.lose();
  store.isAway = true;
  await expect(acceptor.accept(event(room))).rejects.toMatchObject({ code: "unavailable" });
  expect(acceptor.recovery.undurable).toBe(1);
  store.isAway = false;
  await vi.waitFor(async () => expect(await log.texts()).toEqual(["lost"]), found);
});

test.each([
  ["nobody", 3],
  ["somebody else", 0],
])(
  "G3 a log that is lost again while a room is recovered, and numbered by %s, is sealed and looked up again",
  async (_who, again) => {
    const [log, store] = [openLog(), openStore()];
    const room = newRoom();
    const lost = event(room, said("lost twice"));
    let losses = 1;
    const broker = {
      ...log,
      async accept(shard: number, batch: readonly AcceptRequest[]) {
        if (store.steps.includes("seal") && losses-- > 0) {
          // Another process has recovered it as well, and a writer was quick.
          store.rows.push({ ...lost, seq: 1_000_002, epoch: 2, at: 1 });
          log.lose();
          if (again === 0) await log.initialise(room, { epoch: 9, head: 5_000_000 });
        }
        return await log.accept(shard, batch);
      },
    };
    const acceptor = open(broker, store);
    await acceptor.accept(lost);
    log.lose();
    await acceptor.accept(event(room, said("next")));
    const behind = ["seal", "look up 1", "look up 1"];
    expect(store.steps).toEqual(["begin 1", "begin 2", ...behind, ...(again === 0 ? [] : ["begin 3"]), ...behind]);
    expect(await log.texts()).toEqual(["next"]);
  },
);

test("G1 a room that is recovered while a batch of it is under way keeps its order", async () => {
  const [log, store] = [openLog(), openStore()];
  let answer = (): void => undefined;
  let isHeld = false;
  const broker = {
    ...log,
    async accept(shard: number, batch: readonly AcceptRequest[]) {
      const isNext = isHeld;
      isHeld = false;
      if (isNext) await new Promise<void>((resolve) => (answer = resolve));
      return await log.accept(shard, batch);
    },
  };
  let look = (): void => undefined;
  const { stored } = store.fence;
  store.fence.stored = async (...asked) => {
    await new Promise<void>((resolve) => (look = resolve));
    return await stored(...asked);
  };
  const acceptor = open(broker, store);
  const room = newRoom();
  await acceptor.accept(event(room, said("lost")));
  isHeld = true;
  const all = [acceptor.accept(event(room, said("under way")))];
  await vi.waitFor(() => expect(isHeld).toBe(false));
  log.lose();
  const heads = vi.fn(log.heads);
  Object.assign(broker, { heads });
  await vi.waitFor(() => expect(heads).toHaveBeenCalled(), found);
  all.push(acceptor.accept(event(room, said("waiting"))));
  answer();
  const done = vi.fn();
  void Promise.all(all).then(done);
  await vi.waitFor(() => {
    look();
    expect(done).toHaveBeenCalled();
  });
  expect(await log.texts()).toEqual(["lost", "under way", "waiting"]);
});

test("G8 past the bytes that one process keeps it refuses until some are durable, and all of them outlive the log", async () => {
  const log = openLog();
  const acceptor = open(log);
  const body = said("x".repeat(1_024 * 1_024));
  const room = newRoom();
  for (let kept = 0; kept < 255; kept += 1) await acceptor.accept(event(room, body));
  await acceptor.accept(event(room));
  const results = await Promise.allSettled([acceptor.accept(event(room, body)), acceptor.accept(event(room))]);
  expect(results).toMatchObject([
    { status: "fulfilled" },
    { reason: { code: "overloaded", retryAfterMs: expect.any(Number) } },
  ]);
  log.lose();
  await vi.waitFor(async () => expect(await log.heads([room])).toMatchObject([{ seq: 1_000_514 }]), found);
  await expect(acceptor.accept(event(room))).rejects.toMatchObject({ code: "overloaded" });
  await log.publishMarks(0, [{ room, seq: 1_000_300 }]);
  await vi.waitFor(() => expect(acceptor.recovery.undurable).toBe(214), found);
  await acceptor.accept(event(room));
});

test("G8 past the events that one process keeps it refuses", async () => {
  let seq = 0;
  const answer = () => ({ state: "accepted", seq: ++seq, epoch: 1, at: 1 }) as const;
  const broker = {
    ...openLog(),
    heads: async () => [],
    accept: async (_shard: number, all: readonly object[]) => all.map(answer),
  };
  const acceptor = open(broker);
  const one = event(newRoom());
  for (let kept = 0; kept < 500_000; kept += 20_000) {
    await Promise.all(Array.from({ length: 20_000 }, () => acceptor.accept(one)));
  }
  await expect(acceptor.accept(one)).rejects.toMatchObject({ code: "overloaded" });
  expect(acceptor.recovery.undurable).toBe(500_000);
});

test("G10 a process that leaves waits for what it keeps, and no longer than it may", async () => {
  const log = openLog();
  const acceptor = open(log);
  const room = newRoom();
  const { seq } = await acceptor.accept(event(room));
  const leaving = acceptor.recovery.drain(AbortSignal.timeout(10_000));
  await log.publishMarks(0, [{ room, seq }]);
  await leaving;
  expect(acceptor.recovery.undurable).toBe(0);
  await acceptor.accept(event(room));
  const startedAt = performance.now();
  await acceptor.recovery.drain(AbortSignal.timeout(100));
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(acceptor.recovery.undurable).toBe(1);
});

test("an event that is offered again names every seq that it had, and a new one none", async () => {
  const log = openLog();
  const acceptor = open(log);
  const room = newRoom();
  const { seq: first } = await acceptor.accept(event(room, said("lost")));
  log.lose();
  await acceptor.accept(event(room, said("next")));
  const [second, next] = await log.events();
  log.lose();
  await acceptor.accept(event(room, said("last")));
  expect(await log.events()).toMatchObject([
    { text: "lost", was: [first, second?.seq] },
    { text: "next", was: [next?.seq] },
    { text: "last" },
  ]);
  expect(second?.was).toEqual([first]);
  expect(next).not.toHaveProperty("was");
});

test("where the log knows an event that is offered again at another seq, the store is told all that it had", async () => {
  const [log, store] = [openLog(), openStore()];
  const acceptor = open(log, store);
  const room = newRoom();
  const message = event(room, said("lost twice"));
  const { seq: first, ...numbers } = await acceptor.accept(message);
  log.lose();
  await acceptor.accept(event(room, said("next")));
  const [second] = await log.events();
  expect(store.moved).toEqual([]);
  // The first log comes back, and what recognises its events with it.
  log.lose();
  await log.remember(room, [{ ...message, ...numbers, at: Date.now(), seq: first }]);
  let isAway = true;
  const { moved } = store.fence;
  store.fence.moved = async (...told) => {
    if (isAway) throw new ProtocolError("unavailable");
    await moved(...told);
  };
  await expect(acceptor.accept(event(room, said("refused")))).rejects.toMatchObject({ code: "unavailable" });
  isAway = false;
  await acceptor.accept(event(room, said("last")));
  expect(store.moved).toEqual([{ room, user, seq: first, was: [second?.seq] }]);
  expect(await log.texts()).toEqual(["next", "last"]);
});

test("an event that is stored at another seq than its process knows is not offered, and the store is told", async () => {
  const [log, store] = [openLog(), openStore()];
  const acceptor = open(log, store);
  const room = newRoom();
  const message = event(room, said("lost twice"));
  const { state: _state, ...first } = await acceptor.accept(message);
  log.lose();
  await acceptor.accept(event(room, said("next")));
  const [second] = await log.events();
  const asked = vi.spyOn(store.fence, "stored");
  store.rows.push({ ...message, ...first });
  log.lose();
  await acceptor.accept(event(room, said("last")));
  expect(asked.mock.calls[0]?.[1]).toEqual({ after: first.seq - 1 });
  expect(store.moved).toEqual([{ room, user, seq: first.seq, was: [second?.seq] }]);
  expect(await log.texts()).toEqual(["next", "last"]);
});
