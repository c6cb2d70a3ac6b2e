import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createRedisBroker } from "@hubbub/broker";
import { type EventId, newId } from "@hubbub/protocol";
import { createLogger, sealTicket } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { accountsOf } from "../test/accounts.ts";
import { TestClient } from "../test/test-client.ts";
import { createWorld, startTestGateway, type TestUser, upTo, type World } from "../test/test-gateway.ts";

const url = inject("redisUrl");
const prefix = `gateways-${newId()}`;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function ticketOf({ id, username, session }: TestUser): string {
  return sealTicket(world.keys, { sub: id, sid: session, name: username, exp: Date.now() / 1_000 + 600 });
}

/** A gateway with connections to Redis of its own. */
async function start(env: Record<string, string> = {}) {
  const log = createLogger({ level: "silent", node: "test" });
  const broker = createRedisBroker({ url, prefix, shards: 4, log, backlogMaxEvents: 100_000 });
  return startTestGateway(world, env, broker);
}

/** Cuts every gateway off its deliveries, as a restarted Redis or a broken link does. */
async function killSubscribers(): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port || 6379), hostname);
  socket.write("CLIENT KILL TYPE pubsub\r\nQUIT\r\n");
  socket.resume();
  await once(socket, "close");
}

test("G1 G2 two gateways show one complete order while their subscriptions are killed again and again", async () => {
  await using left = await start();
  await using right = await start();
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  const [a, b] = [await left.as(ann), await right.as(bob)];
  for (const client of [a, b]) await client.ask({ type: "subscribe", room }, "subscribed");
  // Two gateways that begin a room at once may both begin an epoch; the second one jumps, as it must.
  await a.ask({ type: "publish", room, id: newId<EventId>(), text: "first" }, "ack");
  for (let round = 0; round < 5; round++) {
    for (let at = 0; at < 40; at++) {
      for (const client of [a, b]) client.send({ type: "publish", room, id: newId<EventId>(), text: `${round}` });
      if (at === 20) await killSubscribers();
      if (at % 10 === 0) await delay(5);
    }
  }
  await expect.poll(() => [a.seqs(room).length, b.seqs(room).length], { timeout: 10_000 }).toEqual([401, 401]);
  expect(a.seqs(room)).toEqual(upTo(401));
  expect(b.frames.filter(({ type }) => type === "event")).toEqual(a.frames.filter(({ type }) => type === "event"));
  expect(a.frames.filter(({ type }) => type === "ack")).toHaveLength(201);
  for (const gateway of [left, right]) {
    expect((await accountsOf(gateway)).reduce((sum, events) => sum + events, 0)).toBe(401);
  }
});

test("G5 what a client missed at one gateway it gets from another that never served the room", async () => {
  await using left = await start();
  await using right = await start();
  const ann = await world.user();
  const room = await world.room(ann);
  const first = await left.as(ann);
  await first.ask({ type: "subscribe", room }, "subscribed");
  for (let at = 0; at < 30; at++) await first.ask({ type: "publish", room, id: newId<EventId>(), text: "x" }, "ack");
  const second = await right.as(ann);
  const since = { seq: 10, epoch: 1 };
  const answer = await second.ask({ type: "subscribe", room, since }, "subscribed");
  expect(answer).toMatchObject({ epoch: 1, head: 30, recovered: true });
  expect(second.seqs(room)).toEqual(upTo(30).slice(10));
});

test("a session that is revoked anywhere loses its connections everywhere within a second, and its user is offline", async () => {
  await using left = await start();
  await using right = await start();
  const ann = await world.user();
  const clients = [await left.as(ann), await right.as(ann)];
  const isOnline = async () => (await right.broker.presence.online([ann.id]))[0];
  await expect.poll(isOnline).toBe(true);
  const began = performance.now();
  await left.broker.publishControl({ type: "session-revoked", session: ann.session });
  for (const client of clients) expect((await client.closed).code).toBe(4501);
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect.poll(isOnline).toBe(false);
});

test("a ticket lets in one connection: of two gateways that redeem it at once, one", async () => {
  await using left = await start();
  await using right = await start();
  const ann = await world.user();
  const open = ({ url }: typeof left, ticket: string) => new TestClient(`${url}?ticket=${ticket}`).open();
  for (let race = 0; race < 10; race++) {
    const ticket = ticketOf(ann);
    const clients = await Promise.all([left, right, left, right].map((gateway) => open(gateway, ticket)));
    const answers = await Promise.all(clients.map((client) => client.find(() => true)));
    expect(answers.map((frame) => ("code" in frame ? frame.code : frame.type)).sort()).toEqual([
      ...["bad_ticket", "bad_ticket", "bad_ticket"],
      "ready",
    ]);
    for (const client of clients) client.close();
  }
});

test("a ticket of a session that was revoked at another gateway is refused", async () => {
  await using left = await start();
  await using right = await start();
  const ann = await world.user();
  const ticket = ticketOf(ann);
  await left.broker.revocations.add(ann.session, 60_000);
  const client = await new TestClient(`${right.url}?ticket=${ticket}`).open();
  expect(await client.error("session_revoked")).toMatchObject({ ref: 0 });
  expect((await client.closed).code).toBe(4501);
});

test("news of a user and heads of rooms reach the other gateway, also after its subscriptions were killed", async () => {
  await using left = await start();
  await using right = await start();
  const ann = await world.user();
  const room = await world.room(ann);
  const personal = async (gateway: typeof left) => {
    const client = await gateway.client();
    await client.ask({ type: "hello", token: await ann.token(), personal: true }, "ready");
    return client;
  };
  const [here, there] = [await personal(left), await personal(right)];
  await here.ask({ type: "subscribe", room }, "subscribed");
  await there.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  const { seq } = await here.ask({ type: "publish", room, id: newId<EventId>(), text: "one" }, "ack");
  expect(await there.find((frame) => frame.type === "head" && frame.seq === seq)).toMatchObject({ preview: "one" });
  here.raw(JSON.stringify({ type: "read", room, seq }));
  expect(await there.find((frame) => frame.type === "personal")).toMatchObject({ kind: "read", room, seq });
  await killSubscribers();
  await there.find((frame) => frame.type === "personal" && frame.kind === "missed");
  await right.broker.publishSignal(ann.id, '{"type":"personal","kind":"status","away":true}');
  await here.find((frame) => frame.type === "personal" && frame.kind === "status");
});

test("G8 a gateway refuses for the cluster what another one has used up, and names the limit", async () => {
  const settings = { PUBLISHES_PER_SECOND_IN_CLUSTER: "20" };
  await using left = await start(settings);
  await using right = await start(settings);
  const [ann, bob] = [await world.user(), await world.user()];
  // Rooms and users of their own: nothing but the cluster is common to them.
  const [loud, quiet] = [await world.room(ann), await world.room(bob)];
  const [a, b] = [await left.as(ann), await right.as(bob)];
  const flood = setInterval(() => a.send({ type: "publish", room: loud, id: newId<EventId>(), text: "x" }), 20);
  // A quarter of the rate: the bucket of this gateway alone is never empty.
  const seldom = setInterval(() => b.send({ type: "publish", room: quiet, id: newId<EventId>(), text: "x" }), 200);
  try {
    const isRefusal = (frame: { type: string }) => frame.type === "error";
    await expect.poll(() => b.frames.some(isRefusal), { timeout: 20_000 }).toBe(true);
    const limit = { name: "cluster_publishes", count: 20, seconds: 1, left: 0 };
    const retryAfterMs = expect.any(Number);
    expect(b.frames.find(isRefusal)).toMatchObject({ code: "rate_limited", limit, retryAfterMs });
    clearInterval(flood);
    const acked = b.frames.filter(({ type }) => type === "ack").length;
    await expect
      .poll(() => b.frames.filter(({ type }) => type === "ack").length, { timeout: 20_000 })
      .toBeGreaterThan(acked);
  } finally {
    for (const timer of [flood, seldom]) clearInterval(timer);
  }
});
