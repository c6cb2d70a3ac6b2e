import { setImmediate as turn } from "node:timers/promises";
import type { RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { TestClient } from "../test/test-client.ts";
import { ALWAYS_GATHERING, openWorld, say, startTestGateway, type TestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

const TEXT = "x".repeat(8_000);
async function listenTo(gateway: TestGateway, rooms: readonly RoomId[]): Promise<TestClient> {
  const client = await gateway.as(ann);
  for (const room of rooms) await client.ask({ type: "subscribe", room }, "subscribed");
  return client;
}

async function expectAll(client: TestClient, rooms: readonly RoomId[], count: number): Promise<void> {
  await expect.poll(() => client.seqs(rooms.at(-1) ?? "").length, { timeout: 15_000 }).toBe(count);
  for (const room of rooms) {
    await expect.poll(() => client.seqs(room).length, { timeout: 15_000 }).toBe(count);
    expect(client.seqs(room)).toEqual(upTo(count));
  }
}

test.each([
  ["as it comes", {}],
  ["gathered", { ...ALWAYS_GATHERING, FLUSH_MAX_MS: "100" }],
])("G7 a burst within one turn, %s, makes a connection slow and never cuts it", async (_how, env) => {
  await using gateway = await startTestGateway(world, env);
  const room = await world.room(ann);
  const [dead, alive] = [await listenTo(gateway, [room]), await listenTo(gateway, [room])];
  await say(gateway, room, ann, 1);
  dead.socket.pause();
  // 24 MB before any timer fires: many times the bound, and what the kernel takes.
  for (let at = 0; at < 30; at++) {
    await say(gateway, room, ann, 100, TEXT);
    await turn();
  }
  await expectAll(alive, [room], 3_001);
  dead.socket.resume();
  await expectAll(dead, [room], 3_001);
  expect(dead.frames.filter(({ type }) => type === "slow")).not.toHaveLength(0);
  expect(await gateway.metrics()).toContain("hubbub_backpressure_cut_total 0");
});

test("G7 a burst over many gathering rooms makes a connection slow and never cuts it", async () => {
  await using gateway = await startTestGateway(world, { ...ALWAYS_GATHERING, FLUSH_MAX_MS: "500" });
  const rooms = await Promise.all(upTo(30).map(() => world.room(ann)));
  const client = await listenTo(gateway, rooms);
  for (const room of rooms) await say(gateway, room, ann, 2);
  client.socket.pause();
  for (let round = 0; round < 3; round++) {
    for (const room of rooms) await say(gateway, room, ann, 60, TEXT);
  }
  await expect.poll(() => gateway.metrics()).toContain("hubbub_slow_total 1");
  client.socket.resume();
  await expectAll(client, rooms, 182);
  expect(await gateway.metrics()).toContain("hubbub_backpressure_cut_total 0");
});

test("G7 rooms that publish during the catch-up of a slow connection do not cut it either", async () => {
  await using gateway = await startTestGateway(world);
  const rooms = await Promise.all(upTo(4).map(() => world.room(ann)));
  const client = await listenTo(gateway, rooms);
  let said = 0;
  const burst = async () => {
    for (const room of rooms) await say(gateway, room, ann, 100, TEXT);
    said += 100;
  };
  client.socket.pause();
  for (let round = 0; round < 6; round++) await burst();
  // It reads in gulps: caught up in some rooms, it stops reading while those go on.
  for (let round = 0; round < 10; round++) {
    client.socket.resume();
    await turn();
    await turn();
    client.socket.pause();
    await burst();
  }
  client.socket.resume();
  await expectAll(client, rooms, said);
  expect(await gateway.metrics()).toContain("hubbub_backpressure_cut_total 0");
});

test("G7 a connection that subscribes again to a gathering room, and does not read, is not cut either", {
  timeout: 60_000,
}, async () => {
  await using gateway = await startTestGateway(world, { ...ALWAYS_GATHERING, FLUSH_MAX_MS: "500" });
  // What the kernel takes is not known: one of these fills it and leaves little room for the 2 MB that are gathered then.
  for (const filled of upTo(20)) {
    const room = await world.room(ann);
    const client = await listenTo(gateway, [room]);
    client.socket.pause();
    await say(gateway, room, ann, 256 * filled, TEXT.slice(0, 1_800));
    await say(gateway, room, ann, 250, TEXT);
    const said = 256 * filled + 250;
    const again = client.send({ type: "subscribe", room, since: { seq: said, epoch: 1 } });
    await gateway.metrics();
    client.socket.resume();
    await client.find((frame) => frame.type === "subscribed" && frame.ref === again);
    client.close();
  }
  expect(await gateway.metrics()).toContain("hubbub_backpressure_cut_total 0");
});
