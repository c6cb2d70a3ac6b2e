import { createMemoryBroker } from "@hubbub/broker";
import { createLogger } from "@hubbub/runtime";
import { createEmbeddedStore } from "@hubbub/store";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { handoverSuite } from "../test/handover.ts";
import { outageSuite } from "../test/outage.ts";
import { pathSuite } from "../test/path.ts";
import {
  acceptTexts,
  listenForMarks,
  numbered,
  openRoom,
  SHARDS,
  type Stack,
  startWriter,
  stored,
  withEdge,
} from "../test/stack.ts";
import { unpublishedMarks } from "./recovery/unpublished-marks.ts";

let stack: Stack;
beforeAll(async () => {
  const store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
  const broker = createMemoryBroker({ shards: SHARDS, backlogMaxEvents: 50_000, durableAccept: false });
  stack = { broker, store, marks: listenForMarks(broker) };
});
afterAll(async () => {
  await stack.broker[Symbol.asyncDispose]();
  await stack.store[Symbol.asyncDispose]();
});

describe("the path", () => pathSuite(() => stack));
describe("a change of hands", () => handoverSuite(() => stack));
describe("an outage", () => outageSuite(() => stack));

test("a lease that changes hands is logged with its fence, which is no secret", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "info", node: "test" }, { write: (line) => void lines.push(line) });
  startWriter(stack, { log });
  const taken = await vi.waitFor(() => lines.find((line) => line.includes("lease taken")) ?? expect.fail(), 10_000);
  expect(JSON.parse(taken)).toMatchObject({ shard: expect.any(Number), fence: expect.any(Number) });
});

test("G4 where acks wait for the commit, they do not wait for a timer", async () => {
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 1_000, durableAccept: true });
  const embedded = { ...stack, broker, marks: listenForMarks(broker) };
  const room = await openRoom(embedded);
  startWriter({ ...embedded }, { gatherMs: 0, markMs: 0 });
  await acceptTexts(embedded, room, ["first"]);
  const waits: number[] = [];
  for (const text of ["a", "b", "c", "d", "e"]) {
    const startedAt = performance.now();
    await acceptTexts(embedded, room, [text]);
    waits.push(performance.now() - startedAt);
  }
  // A timer would hold back each of them; a busy machine not the fastest.
  expect(Math.min(...waits)).toBeLessThan(20);
  expect(await stored(embedded, room)).toEqual(["first", "a", "b", "c", "d", "e"]);
});

test("G4 marks that a previous owner did not publish are found while the log goes on", async () => {
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 1_000, durableAccept: false });
  const own = { ...stack, broker, marks: listenForMarks(broker) };
  const [room, other] = [await openRoom(own), await openRoom(own)];
  await acceptTexts(own, room, ["a", "b", "c"]);
  await using log = await broker.openLog(0);
  const committed = (await log.read("", 10, 0)).at(-1)?.offset ?? "";
  const busy = withEdge(log, {
    async lag(after) {
      const lag = await log.lag(after);
      await acceptTexts(own, other, ["meanwhile"]);
      return lag;
    },
  });
  expect((await unpublishedMarks(broker, busy, committed)).marks).toEqual([{ room, seq: 3 }]);
});

test("G4 marks that a previous owner did not publish are found behind all that the log keeps for replay", async () => {
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 150_000, durableAccept: false });
  const own = { ...stack, broker, marks: listenForMarks(broker) };
  const [quiet, busy] = [await openRoom(own), await openRoom(own)];
  await acceptTexts(own, quiet, ["a"]);
  for (let round = 0; round < 101; round += 1) await acceptTexts(own, busy, numbered("text", 1_000));
  await using log = await broker.openLog(0);
  const committed = (await log.read("", 150_000, 0)).at(-1)?.offset ?? "";
  expect((await unpublishedMarks(broker, log, committed)).marks).toEqual([
    { room: quiet, seq: 1 },
    { room: busy, seq: 101_000 },
  ]);
});
