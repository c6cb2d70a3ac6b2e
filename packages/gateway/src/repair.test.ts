import { expect, test } from "vitest";
import { deliveringBroker, withBroker } from "../test/faulty-broker.ts";
import { memoryBroker, openWorld, say, startTestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();

const FAST = { HEADS_CHECK_MS: "50" };

test("G1 G2 deliveries that are lost or out of order reach the client complete and in order", async () => {
  let turn = 0;
  const late: (() => void)[] = [];
  const { broker } = deliveringBroker((room, frame, handOn) => {
    turn += 1;
    if (turn % 7 === 0) return;
    if (turn % 5 === 0) late.push(() => handOn(room, frame));
    else handOn(room, frame);
    if (turn % 6 === 0) for (const deliver of late.splice(0)) deliver();
  });
  await using gateway = await startTestGateway(world, FAST, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  await say(gateway, room, ann, 100);
  await expect.poll(() => client.seqs(room).length, { timeout: 5_000 }).toBe(100);
  expect(client.seqs(room)).toEqual(upTo(100));
  expect(client.frames.some(({ type }) => type === "gap")).toBe(false);
  expect(await gateway.metrics()).toMatch(/hubbub_events_repaired_total [1-9]/);
});

test("G9 a lost last event is found within two seconds", async () => {
  let isDeaf = false;
  const { broker } = deliveringBroker((room, frame, handOn) => {
    if (!isDeaf) handOn(room, frame);
  });
  await using gateway = await startTestGateway(world, {}, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  await say(gateway, room, ann, 2);
  isDeaf = true;
  await say(gateway, room, ann, 3);
  await expect.poll(() => client.seqs(room), { timeout: 2_000 }).toEqual(upTo(5));
});

test("G9 an interruption is repaired at once, without waiting for the next check", async () => {
  let isDeaf = false;
  const { broker, interrupt } = deliveringBroker((room, frame, handOn) => {
    if (!isDeaf) handOn(room, frame);
  });
  await using gateway = await startTestGateway(world, { HEADS_CHECK_MS: "60000" }, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  isDeaf = true;
  await say(gateway, room, ann, 3);
  isDeaf = false;
  interrupt();
  await expect.poll(() => client.seqs(room), { timeout: 2_000 }).toEqual(upTo(3));
});

test("G5 G7 lost events are announced as a gap, to connections that listen and to those that resume", async () => {
  let isDeaf = false;
  const { broker } = deliveringBroker((room, frame, handOn) => {
    if (!isDeaf) handOn(room, frame);
  });
  await using gateway = await startTestGateway(world, FAST, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  const { epoch } = await client.ask({ type: "subscribe", room, since: { seq: 0, epoch: 0 } }, "subscribed");
  expect(epoch).toBe(0);
  isDeaf = true;
  await say(gateway, room, ann, 300);
  // No writer runs: what the tail lets go of as durable is nowhere.
  await broker.publishMarks(0, [{ room, seq: 300 }]);
  const gap = { type: "gap", room, from: 1, to: 44, reason: "retention" };
  await expect.poll(() => client.seqs(room).length, { timeout: 3_000 }).toBe(256);
  expect(client.frames.filter(({ type }) => type === "gap")).toEqual([gap]);
  const other = await gateway.as(ann);
  const answer = await other.ask({ type: "subscribe", room, since: { seq: 0, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ epoch: 1, head: 300, recovered: false });
  expect(other.frames.find(({ type }) => type === "gap")).toEqual(gap);
  expect(other.seqs(room)).toEqual(upTo(256, 45));
});

test("G6 a new epoch is told before its first event, and its jump is a gap", async () => {
  await using gateway = await startTestGateway(world, FAST);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  await say(gateway, room, ann, 3);
  // Somebody has seen more than the log holds: it has lost something.
  gateway.acceptor.recovery.saw(room, 10);
  await say(gateway, room, ann, 2);
  await expect.poll(() => client.seqs(room).length).toBe(5);
  const [first = 0] = client.seqs(room).slice(3);
  const told = client.frames.flatMap((frame): (number | string)[] => {
    if (frame.type === "event") return [frame.seq];
    return frame.type === "gap" || frame.type === "epoch" ? [frame.type] : [];
  });
  expect(told).toEqual([1, 2, 3, "epoch", "gap", first, first + 1]);
  expect(client.frames.find(({ type }) => type === "gap")).toMatchObject({ from: 4, to: first - 1, reason: "epoch" });
  const [news] = client.frames.filter(({ type }) => type === "epoch");
  // The first event of the epoch is the next one above its head.
  expect(news).toMatchObject({ head: first - 1 });

  const other = await gateway.as(ann);
  const answer = await other.ask({ type: "subscribe", room, since: { seq: 2, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ ...news, type: "subscribed", head: first + 1, recovered: false });
  expect(other.frames.find(({ type }) => type === "epoch")).toEqual(news);
  expect(other.frames.map(({ type }) => type)).toEqual([
    "ready",
    "event",
    "epoch",
    "gap",
    "event",
    "event",
    "subscribed",
  ]);
});

test("G5 a client that is ahead of the log is told so, and goes on from the head", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const room = await world.room(ann);
  await say(gateway, room, ann, 3);
  const client = await gateway.as(ann);
  const answer = await client.ask({ type: "subscribe", room, since: { seq: 9, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ head: 3, recovered: false });
  expect(client.frames.find(({ type }) => type === "gap")).toMatchObject({ from: 4, to: 9, reason: "epoch" });
  await say(gateway, room, ann, 1);
  await expect.poll(() => client.seqs(room)).toEqual([4]);
});

test("a subscription answers only when the log has confirmed it, and fails with the log", async () => {
  const inner = memoryBroker();
  let isAway = true;
  const broker = withBroker(inner, {
    subscribe: (room) => (isAway ? Promise.reject(new Error("connect ECONNREFUSED")) : inner.subscribe(room)),
  });
  await using gateway = await startTestGateway(world, FAST, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  expect(await client.ask({ type: "subscribe", room }, "error")).toMatchObject({ code: "internal" });
  isAway = false;
  await client.ask({ type: "subscribe", room }, "subscribed");
  await say(gateway, room, ann, 1);
  await expect.poll(() => client.seqs(room)).toEqual([1]);
});
