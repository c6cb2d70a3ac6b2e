import { setImmediate as turn } from "node:timers/promises";
import type { RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { countingBroker, deliveringBroker } from "../test/faulty-broker.ts";
import type { TestClient } from "../test/test-client.ts";
import {
  memoryBroker,
  openWorld,
  say,
  startTestGateway,
  type TestGateway,
  upTo,
  type World,
} from "../test/test-gateway.ts";

/** A crowd that comes back at once. */
const CROWD = 500;
const USERS = 20;

const world = await openWorld();
const users = await Promise.all(Array.from({ length: USERS }, () => world.user()));
const ann = await world.user();

function gather(gateway: TestGateway): Promise<TestClient[]> {
  const arrive = async (at: number) => gateway.as(users[at % USERS] ?? ann);
  return Promise.all(upTo(CROWD, 0).map(arrive));
}

/** A page is kept for a second: on a slow machine it is read once for each second that it takes. */
const readsOfPages = (pages: number, since: number): number =>
  pages * (1 + Math.floor((performance.now() - since) / 1_000));

/** All in the same moment, each from where it was. */
async function resume(crowd: readonly TestClient[], room: RoomId, seenBy: (at: number) => number): Promise<void> {
  const resumed = crowd.map((client, at) =>
    client.ask({ type: "subscribe", room, since: { seq: seenBy(at), epoch: 1 } }, "subscribed"),
  );
  for (const answer of await Promise.all(resumed)) expect(answer.recovered).toBe(true);
}

async function readsOf(gateway: TestGateway, from: "log" | "store"): Promise<number> {
  const line = new RegExp(`hubbub_timeline_reads_total\\{from="${from}"\\} (\\d+)`);
  return Number(line.exec(await gateway.metrics())?.[1] ?? 0);
}

test("500 connections that resume one room at once cost one read of the log for each page of it", async () => {
  const { broker, asked } = countingBroker(memoryBroker());
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann, ...users);
  await say(gateway, room, ann, 1_000);
  const crowd = await gather(gateway);
  asked.clear();
  // In the last two of five pages.
  const since = performance.now();
  await resume(crowd, room, (at) => 780 + (at % 40));
  const reads = readsOfPages(2, since);
  for (const [at, client] of crowd.entries()) expect(client.seqs(room).at(0)).toBe(781 + (at % 40));
  for (const client of crowd) expect(client.seqs(room).at(-1)).toBe(1_000);
  expect(asked.get("tail")).toBeLessThanOrEqual(reads);
  expect(asked.get("subscribe")).toBe(1);
  expect(await readsOf(gateway, "log")).toBe(asked.get("tail"));
  expect(await readsOf(gateway, "store")).toBe(0);
});

test("500 connections that resume a room while it goes on share the reads all the same", async () => {
  const { broker, asked } = countingBroker(memoryBroker());
  await using gateway = await startTestGateway(world, { RINGS_MAX_BYTES: "1048576" }, broker);
  const room = await world.room(ann, ...users);
  await say(gateway, room, ann, 600);
  const crowd = await gather(gateway);
  asked.clear();
  const since = performance.now();
  const resuming = resume(crowd, room, (at) => 390 + (at % 20));
  let said = 600;
  for (; said < 700; said += 10) {
    await say(gateway, room, ann, 10);
    await turn();
  }
  await resuming;
  const reads = readsOfPages(12, since);
  for (const [at, client] of crowd.entries()) {
    await expect.poll(() => client.seqs(room).at(-1)).toBe(said);
    expect(client.seqs(room)).toEqual(upTo(said - 390 - (at % 20), 391 + (at % 20)));
  }
  expect(asked.get("tail")).toBeLessThanOrEqual(reads);
});

test("500 connections that have seen more than their gateway share one lookup of the head", async () => {
  let isDeaf = false;
  const deaf = deliveringBroker((room, frame, handOn) => {
    if (!isDeaf) handOn(room, frame);
  });
  const { broker, asked } = countingBroker(deaf.broker);
  await using gateway = await startTestGateway(world, { HEADS_CHECK_MS: "60000" }, broker);
  const room = await world.room(ann, ...users);
  const listener = await gateway.as(ann);
  await listener.ask({ type: "subscribe", room }, "subscribed");
  const crowd = await gather(gateway);
  isDeaf = true;
  await say(gateway, room, ann, 300);
  asked.clear();
  const since = performance.now();
  await resume(crowd, room, () => 300);
  await expect.poll(() => listener.seqs(room)).toEqual(upTo(300));
  expect(asked.get("heads")).toBeLessThanOrEqual(readsOfPages(4, since));
  expect(asked.get("tail")).toBeLessThanOrEqual(readsOfPages(2, since));
});

test("500 connections that resume from events that only the store has share the reads of the store", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, ...users);
  await say(gateway, room, ann, 700);
  // What is durable leaves the tail but for 256 events. No writer runs: it is in no row either, and is told as a gap.
  await gateway.broker.publishMarks(0, [{ room, seq: 700 }]);
  const crowd = await gather(gateway);
  const since = performance.now();
  const answers = crowd.map((client) =>
    client.ask({ type: "subscribe", room, since: { seq: 100, epoch: 1 } }, "subscribed"),
  );
  for (const { recovered, head } of await Promise.all(answers)) expect([recovered, head]).toEqual([false, 700]);
  for (const client of crowd) expect(client.seqs(room)).toEqual(upTo(256, 445));
  expect(await readsOf(gateway, "store")).toBeLessThanOrEqual(readsOfPages(4, since));
});

test("G8 a crowd that says hello at once has its signatures checked 32 at a time", async () => {
  const checks = { now: 0, most: 0 };
  const verify: World["keys"]["verify"] = async (token) => {
    checks.now += 1;
    checks.most = Math.max(checks.most, checks.now);
    for (let turns = 0; turns < 10; turns++) await turn();
    checks.now -= 1;
    return world.keys.verify(token);
  };
  await using gateway = await startTestGateway({ ...world, keys: { ...world.keys, verify } });
  const clients = await Promise.all(Array.from({ length: 200 }, () => gateway.client()));
  const token = await ann.token();
  await Promise.all(clients.map((client) => client.ask({ type: "hello", token }, "ready")));
  expect(checks.most).toBe(32);
});

test("a connection closed while its hello is queued does not have its token verified", async () => {
  let checks = 0;
  let goOn = (): void => undefined;
  const going = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const verify: World["keys"]["verify"] = async (token) => {
    checks += 1;
    await going;
    return world.keys.verify(token);
  };
  await using gateway = await startTestGateway({ ...world, keys: { ...world.keys, verify } });
  const token = await ann.token();
  const clients = await Promise.all(Array.from({ length: 60 }, () => gateway.client()));
  for (const client of clients) client.send({ type: "hello", token });
  await expect.poll(() => gateway.metrics()).toContain('hubbub_frames_in_total{type="hello"} 60');
  await expect.poll(() => checks).toBe(32);
  for (const client of clients) client.close();
  await expect.poll(() => gateway.metrics()).toContain("hubbub_connections 0");
  goOn();
  const next = await gateway.as(ann);
  expect((await next.ask({ type: "ping" }, "pong")).type).toBe("pong");
  expect(checks).toBe(33);
});

test("a live connection does not wait for a crowd that is being caught up", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, ...users);
  await say(gateway, room, ann, 240, "x".repeat(700));
  const crowd = await gather(gateway);
  const neighbour = await gateway.as(ann);
  const caughtUp = async () => Number(/catch_up_bytes_total (\d+)/.exec(await gateway.metrics())?.[1]);
  const resuming = resume(crowd, room, () => 0);
  await neighbour.ask({ type: "ping" }, "pong");
  const meanwhile = await caughtUp();
  await resuming;
  expect(meanwhile).toBeLessThan((await caughtUp()) / 4);
});
