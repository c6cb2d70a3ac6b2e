import { BrokerUnavailable } from "@hubbub/broker";
import { type EventId, FRAME_MAX_BYTES, newId, PAYLOAD_MAX_BYTES, type RoomId, TEXT_MAX_BYTES } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import type { TestClient } from "../test/test-client.ts";
import { memoryBroker, openWorld, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

interface Answered {
  readonly text: string;
  readonly code: string;
}

/** Sends these texts at once in one round, and waits for an answer to each. */
async function burst(client: TestClient, room: RoomId, texts: readonly string[], round?: number): Promise<Answered[]> {
  const refs = texts.map((text) =>
    client.send({ type: "publish", room, id: newId<EventId>(), text, ...(round === undefined ? {} : { round }) }),
  );
  const answers = refs.map(async (ref, at) => {
    const answer = await client.find((frame) => "ref" in frame && frame.ref === ref);
    return { text: texts[at] ?? "", code: answer.type === "error" ? answer.code : answer.type };
  });
  return Promise.all(answers);
}

const texts = (count: number): string[] => Array.from({ length: count }, (_none, at) => String(at));

test("G1 behind a publish that was refused for its rate nothing of the same round is taken, later rounds are", async () => {
  // The clock of the rates stands still until the test moves it; timers go on.
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  await using gateway = await startTestGateway(world, { PUBLISHES_PER_SECOND: "20" });
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const first = await burst(client, room, texts(40), 0);
  const taken = first.filter(({ code }) => code === "ack").length;
  expect(taken).toBe(20);
  expect(first.slice(taken, taken + 1)).toMatchObject([{ code: "rate_limited" }]);
  expect(new Set(first.slice(taken + 1).map(({ code }) => code))).toEqual(new Set(["out_of_order"]));
  vi.advanceTimersByTime(300);
  expect(await burst(client, room, ["late"], 0)).toMatchObject([{ code: "out_of_order" }]);
  expect(await burst(client, room, ["again"], 1)).toMatchObject([{ code: "ack" }]);
});

test("G1 events that wait behind a batch that was refused as a whole are refused with it", async () => {
  const inner = memoryBroker();
  let release = (): void => undefined;
  let calls = 0;
  const accept: typeof inner.accept = async (shard, batch) => {
    calls += 1;
    if (calls > 1) return inner.accept(shard, batch);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    throw new BrokerUnavailable("away");
  };
  await using gateway = await startTestGateway(world, {}, withBroker(inner, { accept }));
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const first = burst(client, room, ["0"], 0);
  await expect.poll(() => calls).toBe(1);
  const second = burst(client, room, ["1", "2"], 0);
  // Answered behind both: they wait in the lane.
  await client.ask({ type: "ping" }, "pong");
  release();
  expect(await first).toEqual([{ text: "0", code: "unavailable" }]);
  expect(await second).toEqual([
    { text: "1", code: "out_of_order" },
    { text: "2", code: "out_of_order" },
  ]);
  expect(await burst(client, room, ["0", "1", "2"], 1)).toMatchObject([
    { code: "ack" },
    { code: "ack" },
    { code: "ack" },
  ]);
});

test("G1 G8 a full gateway refuses what it has not parsed, and takes nothing of that round behind it", async () => {
  const inner = memoryBroker();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const accept: typeof inner.accept = async (shard, batch) => {
    await released;
    return inner.accept(shard, batch);
  };
  await using gateway = await startTestGateway(world, {}, withBroker(inner, { accept }));
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const body = "}";
  const filling: Promise<unknown>[] = [];
  while (!gateway.acceptor.isFull)
    filling.push(gateway.acceptor.accept({ room, user: ann.id, id: newId<EventId>(), body }));
  expect(new Set((await burst(client, room, texts(3), 0)).map(({ code }) => code))).toEqual(new Set(["overloaded"]));
  release();
  await Promise.all(filling);
  expect(await burst(client, room, ["late"], 0)).toMatchObject([{ code: "out_of_order" }]);
  expect(await burst(client, room, ["0", "1"], 1)).toMatchObject([{ code: "ack" }, { code: "ack" }]);
});

test("a text at its bound is taken in every spelling that JSON allows, one byte more is refused with its ref", async () => {
  await using gateway = await startTestGateway(world, {});
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const escaped = `"${"\\u0061".repeat(TEXT_MAX_BYTES)}"`;
  client.raw(`{"type":"publish","ref":900,"room":"${room}","id":"spelled","text":${escaped}}`);
  expect(await client.find((frame) => "ref" in frame && frame.ref === 900)).toMatchObject({ type: "ack" });
  for (const text of ["a".repeat(TEXT_MAX_BYTES), "\n".repeat(TEXT_MAX_BYTES / 2), "\u001b".repeat(1_365)]) {
    expect(await burst(client, room, [text])).toMatchObject([{ code: "ack" }]);
    expect(await burst(client, room, [`${text}\n\n\n`])).toMatchObject([{ code: "too_large" }]);
  }
});

test("a frame over its bound is refused with its ref when that stands in front, and the connection stays", async () => {
  await using gateway = await startTestGateway(world, {});
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const text = "x".repeat(FRAME_MAX_BYTES);
  client.raw(JSON.stringify({ type: "publish", ref: 901, room, id: "large", text }));
  expect(await client.find((frame) => "ref" in frame && frame.ref === 901)).toMatchObject({ code: "too_large" });
  expect(FRAME_MAX_BYTES + 300).toBeLessThan(PAYLOAD_MAX_BYTES);
  expect(await burst(client, room, ["still here"])).toMatchObject([{ code: "ack" }]);
});
