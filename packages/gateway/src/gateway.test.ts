import { type EventId, newId, type RoomId } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, startTestGateway, type World } from "./testing/test-gateway.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const id = (text: string): EventId => text as EventId;

test("G1 what one member publishes reaches all of them in one order, the sender too", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  const [a, b] = [await gateway.as(ann), await gateway.as(bob)];
  for (const client of [a, b]) {
    expect(await client.ask({ type: "subscribe", room }, "subscribed")).toMatchObject({ head: 0, recovered: true });
  }
  for (let at = 0; at < 20; at++) {
    a.send({ type: "publish", room, id: id(`a${at}`), text: `from a ${at}` });
    b.send({ type: "publish", room, id: id(`b${at}`), text: `from b ${at}` });
  }
  await expect.poll(() => [a.seqs(room).length, b.seqs(room).length]).toEqual([40, 40]);
  expect(a.seqs(room)).toEqual(Array.from({ length: 40 }, (_none, at) => at + 1));
  const events = (client: typeof a) => client.frames.filter(({ type }) => type === "event");
  expect(events(a)).toEqual(events(b));
  const own = events(a).flatMap((event) => (event.type === "event" && event.by.id === ann.id ? [event.id] : []));
  expect(own).toEqual(Array.from({ length: 20 }, (_none, at) => `a${at}`));
});

test("G3 a publish sent again is acked with the same seq, and delivered once", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  const frame = { type: "publish", room, id: id("once"), text: "hello" } as const;
  const first = await client.ask(frame, "ack");
  const again = await client.ask(frame, "ack");
  expect(again).toEqual({ ...first, ref: again.ref, duplicate: true });
  await client.ask({ ...frame, id: id("next") }, "ack");
  await expect.poll(() => client.seqs(room)).toEqual([1, 2]);
});

test("who is no member can neither subscribe nor publish", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, eve] = [await world.user(), await world.user()];
  const client = await gateway.as(eve);
  for (const room of [await world.room(ann), newId<RoomId>()]) {
    expect(await client.ask({ type: "subscribe", room }, "error")).toMatchObject({ code: "not_member" });
    expect(await client.ask({ type: "publish", room, id: id("x"), text: "x" }, "error")).toMatchObject({
      code: "not_member",
    });
  }
});
