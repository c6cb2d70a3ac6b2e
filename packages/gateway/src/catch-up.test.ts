import { setTimeout as delay } from "node:timers/promises";
import { newId, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import { memoryBroker, openWorld, say, startTestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

const BEGINNING = { seq: 0, epoch: 0 };
/** A broker that lets the first page of a room through and no more until it is told. */
function haltingBroker(isHalted: (room: RoomId, after: number) => boolean) {
  const inner = memoryBroker();
  let goOn: () => void = () => undefined;
  const going = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const broker = withBroker(inner, {
    async tail(room, after, limit) {
      if (isHalted(room, after)) await going;
      return inner.tail(room, after, limit);
    },
  });
  return { broker, goOn };
}

test("a long catch-up holds back no other frame of its connection, and keeps the order of its room", async () => {
  const { broker, goOn } = haltingBroker((room, after) => room === long && after >= 200);
  await using gateway = await startTestGateway(world, {}, broker);
  const [long, other] = [await world.room(ann), await world.room(ann)];
  await say(gateway, long, ann, 1_000);
  await say(gateway, other, ann, 500);
  const client = await gateway.as(ann);
  const asked = client.send({ type: "subscribe", room: long, since: BEGINNING });
  await expect.poll(() => client.seqs(long).length).toBe(200);
  await client.ask({ type: "ping" }, "pong");
  await client.ask({ type: "publish", room: long, id: newId(), text: "beside it" }, "ack");
  expect(await client.ask({ type: "subscribe", room: other, since: BEGINNING }, "subscribed")).toMatchObject({
    head: 500,
  });
  await client.ask({ type: "publish", room: other, id: newId(), text: "x" }, "ack");
  await client.ask({ type: "unsubscribe", room: other }, "unsubscribed");
  expect(client.frames.some((frame) => frame.type === "subscribed" && frame.room === long)).toBe(false);
  goOn();
  const answer = await client.find((frame) => frame.type === "subscribed" && frame.ref === asked);
  expect(answer).toMatchObject({ head: 1_001, recovered: true });
  expect(client.seqs(long)).toEqual(upTo(1_001));
  expect(client.frames.indexOf(answer)).toBeGreaterThan(client.frames.findLastIndex((frame) => frame.type === "event"));
  await say(gateway, long, ann, 1);
  await expect.poll(() => client.seqs(long).at(-1)).toBe(1_002);
});

test("a second subscribe of a room waits for the catch-up of the first", async () => {
  const { broker, goOn } = haltingBroker((_room, after) => after >= 200);
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann);
  await say(gateway, room, ann, 600);
  const client = await gateway.as(ann);
  const refs = [0, 590].map((seq) => client.send({ type: "subscribe", room, since: { seq, epoch: 1 } }));
  await client.ask({ type: "ping" }, "pong");
  goOn();
  for (const ref of refs) await client.find((frame) => frame.type === "subscribed" && frame.ref === ref);
  expect(client.seqs(room)).toEqual([...upTo(600), ...upTo(10, 591)]);
});

test("an unsubscribe ends a running catch-up, whatever else is queued for the room", async () => {
  const { broker, goOn } = haltingBroker((_room, after) => after >= 200);
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann);
  await say(gateway, room, ann, 600);
  const client = await gateway.as(ann);
  const refs = [1, 2].map(() => client.send({ type: "subscribe", room, since: BEGINNING }));
  await expect.poll(() => client.seqs(room).length).toBe(200);
  const last = client.send({ type: "unsubscribe", room });
  await client.ask({ type: "ping" }, "pong");
  goOn();
  await client.find((frame) => frame.type === "unsubscribed" && frame.ref === last);
  const answers = client.frames.filter((frame) => "ref" in frame && refs.some((ref) => ref === frame.ref));
  expect(answers).toMatchObject([{ code: "not_subscribed" }, { type: "subscribed", ref: refs[1] }]);
  const heard = client.seqs(room).length;
  await say(gateway, room, ann, 1);
  await client.ask({ type: "ping" }, "pong");
  expect(client.seqs(room)).toHaveLength(heard);
  expect(await client.ask({ type: "subscribe", room, since: { seq: 600, epoch: 1 } }, "subscribed")).toMatchObject({
    head: 601,
  });
});

test("frames for one room are answered in their order, also a subscribe that an unsubscribe has ended", async () => {
  const { broker, goOn } = haltingBroker((_room, after) => after >= 200);
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann);
  await say(gateway, room, ann, 600);
  const client = await gateway.as(ann);
  const ended = client.send({ type: "subscribe", room, since: BEGINNING });
  await expect.poll(() => client.seqs(room).length).toBe(200);
  const left = client.send({ type: "unsubscribe", room });
  await client.ask({ type: "ping" }, "pong");
  goOn();
  await client.find((frame) => frame.type === "unsubscribed" && frame.ref === left);
  const answers = client.frames.filter((frame) => "ref" in frame && (frame.ref === ended || frame.ref === left));
  expect(answers).toMatchObject([{ code: "not_subscribed" }, { type: "unsubscribed" }]);
});

test("G7 however many rooms of a connection are caught up at once, its unsent bytes stay far below the bound", async () => {
  await using gateway = await startTestGateway(world);
  const rooms = await Promise.all(upTo(40).map(() => world.room(ann)));
  // 24 MB, more than the kernel takes: a chunk of each room at once would make the connection slow.
  for (const room of rooms) await say(gateway, room, ann, 1_000, "x".repeat(400));
  const client = await gateway.as(ann);
  client.socket.pause();
  for (const room of rooms) client.send({ type: "subscribe", room, since: BEGINNING });
  await delay(500);
  client.socket.resume();
  await expect
    .poll(() => client.frames.filter(({ type }) => type === "subscribed").length, { timeout: 10_000 })
    .toBe(40);
  for (const room of rooms) expect(client.seqs(room)).toEqual(upTo(1_000));
  const metrics = await gateway.metrics();
  expect(metrics).toContain("hubbub_slow_total 0");
  expect(metrics).toContain("hubbub_backpressure_cut_total 0");
});
