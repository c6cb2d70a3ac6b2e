import { setTimeout as delay } from "node:timers/promises";
import type { RoomId, ServerFrameOf } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import type { TestClient } from "../test/test-client.ts";
import { ALWAYS_GATHERING, memoryBroker, openWorld, say, startTestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

async function subscribed(client: TestClient, room: RoomId, seq: number): Promise<ServerFrameOf<"subscribed">> {
  return client.ask({ type: "subscribe", room, since: { seq, epoch: seq === 0 ? 0 : 1 } }, "subscribed");
}

test("G2 G5 however publishing and reconnecting interleave, each event comes once and in order", async () => {
  await using gateway = await startTestGateway(world);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("say" as const), count: fc.integer({ min: 1, max: 120 }), wait: fc.boolean() }),
    fc.record({ kind: fc.constant("resume" as const), wait: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const room = await world.room(ann);
      const got: number[] = [];
      const said: Promise<void>[] = [];
      let count = 0;
      let client = await gateway.as(ann);
      let answer = subscribed(client, room, 0);
      for (const one of steps) {
        if (one.kind === "say") {
          count += one.count;
          said.push(say(gateway, room, ann, one.count));
          if (one.wait) await Promise.all(said);
          continue;
        }
        await answer;
        client.close();
        await client.closed;
        got.push(...client.seqs(room));
        client = await gateway.as(ann);
        answer = subscribed(client, room, got.at(-1) ?? 0);
        if (one.wait) await answer;
      }
      expect(await answer).toMatchObject({ recovered: true });
      await Promise.all(said);
      await vi.waitFor(() => expect(got.length + client.seqs(room).length).toBe(count), { timeout: 5_000 });
      expect([...got, ...client.seqs(room)]).toEqual(upTo(count));
      client.close();
    }),
    { numRuns: 15 },
  );
});

test("G5 missed events come before the answer, live ones behind it, from the ring and from the tail", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann);
  // More than the ring holds: the first pages come from the timeline.
  await say(gateway, room, ann, 700);
  const [early, late] = [await gateway.as(ann), await gateway.as(ann)];
  const answers = await Promise.all([subscribed(early, room, 3), subscribed(late, room, 699)]);
  expect(answers.map(({ head, recovered }) => ({ head, recovered }))).toEqual([
    { head: 700, recovered: true },
    { head: 700, recovered: true },
  ]);
  expect([early.seqs(room), late.seqs(room)]).toEqual([upTo(697, 4), [700]]);
  await say(gateway, room, ann, 300);
  const third = await gateway.as(ann);
  await subscribed(third, room, 701);
  expect(third.frames.at(-1)?.type).toBe("subscribed");
  await expect.poll(() => early.seqs(room)).toEqual(upTo(997, 4));
  expect(third.seqs(room)).toEqual(upTo(299, 702));
});

test("ten connections that resume together share the reads of the log", async () => {
  const reads = { count: 0 };
  const inner = memoryBroker();
  const broker = withBroker(inner, {
    tail(...args) {
      reads.count += 1;
      return inner.tail(...args);
    },
  });
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann);
  await say(gateway, room, ann, 400);
  const clients = await Promise.all(upTo(10).map(() => gateway.as(ann)));
  await Promise.all(clients.map((client, at) => subscribed(client, room, at)));
  for (const [at, client] of clients.entries()) expect(client.seqs(room)).toEqual(upTo(400 - at, at + 1));
  expect(reads.count).toBeLessThan(10);
});

test("a repeated subscribe syncs the connection again from since", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await subscribed(client, room, 0);
  await say(gateway, room, ann, 3);
  await expect.poll(() => client.seqs(room)).toEqual([1, 2, 3]);
  await subscribed(client, room, 1);
  await say(gateway, room, ann, 1);
  await expect.poll(() => client.seqs(room)).toEqual([1, 2, 3, 2, 3, 4]);
  await client.ask({ type: "unsubscribe", room }, "unsubscribed");
  await say(gateway, room, ann, 1);
  await client.ask({ type: "ping" }, "pong");
  expect(client.seqs(room)).toHaveLength(6);
});

test("G7 a connection that does not read is paused, told, and caught up without a hole", async () => {
  await using gateway = await startTestGateway(world, { MAX_BACKPRESSURE_BYTES: "4194304" });
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await subscribed(client, room, 0);
  client.socket.pause();
  let said = 0;
  // What the kernel takes differs; the text is near its limit to fill that soon.
  while (!(await gateway.metrics()).includes("hubbub_slow_total 1")) {
    await say(gateway, room, ann, 50, "x".repeat(8_000));
    said += 50;
    await delay(20);
  }
  await say(gateway, room, ann, 400);
  client.socket.resume();
  await expect.poll(() => client.seqs(room).length, { timeout: 10_000 }).toBe(said + 400);
  expect(client.seqs(room)).toEqual(upTo(said + 400));
  expect(client.frames.filter(({ type }) => type === "slow")).toHaveLength(1);
  await say(gateway, room, ann, 1);
  await expect.poll(() => client.seqs(room).at(-1)).toBe(said + 401);
});

test("G7 a slow connection that does not catch up in time is closed, and resumes", async () => {
  const env = { MAX_BACKPRESSURE_BYTES: "4194304", SLOW_DEADLINE_MS: "200" };
  await using gateway = await startTestGateway(world, env);
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await subscribed(client, room, 0);
  client.socket.pause();
  let said = 0;
  while (!(await gateway.metrics()).includes('hubbub_closes_total{code="4008"} 1')) {
    await say(gateway, room, ann, 50, "x".repeat(8_000));
    said += 50;
    await delay(20);
  }
  client.socket.resume();
  await client.closed;
  const seen = client.seqs(room);
  expect(seen).toEqual(upTo(seen.length));
  const next = await gateway.as(ann);
  await subscribed(next, room, seen.length);
  expect([...seen, ...next.seqs(room)]).toEqual(upTo(said));
});

test("a hot room gathers its frames, in order, and a joining connection neither misses nor doubles one", async () => {
  await using gateway = await startTestGateway(world, { FLUSH_MAX_MS: "50", ...ALWAYS_GATHERING });
  const room = await world.room(ann);
  const first = await gateway.as(ann);
  await subscribed(first, room, 0);
  const joined: TestClient[] = [];
  for (let round = 0; round < 20; round++) {
    await say(gateway, room, ann, 10);
    if (round % 4 === 0) {
      const client = await gateway.as(ann);
      await subscribed(client, room, 0);
      joined.push(client);
    }
    await delay(15);
  }
  for (const client of [first, ...joined]) {
    await expect.poll(() => client.seqs(room).length).toBe(200);
    expect(client.seqs(room)).toEqual(upTo(200));
  }
});
