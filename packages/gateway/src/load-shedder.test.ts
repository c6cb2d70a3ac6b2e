import { setTimeout as delay } from "node:timers/promises";
import { newId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { createWorld, memoryBroker, say, startTestGateway } from "../test/test-gateway.ts";
import { LoadShedder, MEASURE_MS, type Sheddable } from "./load-shedder.ts";

/** Far above the last threshold of the test, which the machine's own hiccups are below. */
const BUSY_MS = 600;
const ORDER: readonly Sheddable[] = ["typing", "presence", "history", "connections"];

test("typing goes first, then presence, history and new connections, and all are back within a second", () => {
  const shed: string[] = [];
  const shedder = new LoadShedder(100, { shed: (what) => shed.push(what) });
  const given = () => ORDER.filter((what) => shedder.shouldShed(what));
  let now = 0;
  const late = (ms: number) => {
    now += MEASURE_MS + ms;
    shedder.measure(now);
  };
  late(0);
  expect(given()).toEqual([]);
  for (const [at, ms] of [100, 200, 400, 800].entries()) {
    late(ms);
    expect(given()).toEqual(ORDER.slice(0, at));
    late(ms);
    expect(given()).toEqual(ORDER.slice(0, at + 1));
  }
  expect(shed).toHaveLength(16);
  for (let at = 0; at < 9; at++) late(0);
  expect(given()).toEqual([]);
  const never = new LoadShedder(0, { shed: () => undefined });
  never.measure(0);
  never.measure(60_000);
  expect(ORDER.some((what) => never.shouldShed(what))).toBe(false);
});

test("G8 a gateway that does not keep up gives up all of these, and takes and delivers every message", {
  timeout: 60_000,
}, async () => {
  await using world = await createWorld();
  const [ann, bob] = [await world.user(), await world.user()];
  const [room, old] = [await world.room(ann), await world.room(ann)];
  const broker = memoryBroker();
  await using gateway = await startTestGateway(world, { SHED_DELAY_MS: "40" }, broker);
  for (const one of [room, old]) await say(gateway, one, ann, 10);
  const [client, late] = [await gateway.as(ann), await gateway.as(bob)];
  await client.ask({ type: "subscribe", room, since: { seq: 10, epoch: 1 } }, "subscribed");
  const isOnline = async () => (await broker.presence.online([bob.id]))[0];
  await expect.poll(isOnline).toBe(true);
  const blocker = setInterval(() => {
    for (const until = performance.now() + BUSY_MS; performance.now() < until; );
  }, BUSY_MS + 20);
  try {
    await delay(4 * BUSY_MS);
    await expect(gateway.client()).rejects.toThrow("503");
    late.close();
    client.raw(JSON.stringify({ type: "typing", room }));
    const refused = await client.ask({ type: "subscribe", room: old, since: { seq: 0, epoch: 0 } }, "error");
    expect(refused).toMatchObject({ code: "overloaded", retryAfterMs: expect.any(Number) });
    for (let at = 0; at < 5; at++) await client.ask({ type: "publish", room, id: newId(), text: "x" }, "ack");
    await expect.poll(() => client.seqs(room)).toEqual([11, 12, 13, 14, 15]);
    // Several rounds of telling would have been by then.
    await delay(3 * BUSY_MS);
    expect(await isOnline()).toBe(true);
    expect(client.frames.some(({ type }) => type === "signal")).toBe(false);
  } finally {
    clearInterval(blocker);
  }
  await expect.poll(isOnline, { timeout: 5_000 }).toBe(false);
  const again = { type: "subscribe", room: old, since: { seq: 0, epoch: 0 } } as const;
  await vi.waitFor(() => client.ask(again, "subscribed"), { timeout: 5_000 });
  const metrics = await gateway.metrics();
  for (const what of ORDER) expect(metrics).toMatch(new RegExp(`hubbub_shed_total\\{what="${what}"\\} [1-9]`));
});
