import { expect, test } from "vitest";
import { openWorld, startTestGateway } from "../test/test-gateway.ts";
import { moveMs, spreadOver } from "./departures.ts";

const world = await openWorld();

test("a suspended gateway hands everybody over and takes nobody, and after it is resumed it serves again", async () => {
  await using gateway = await startTestGateway(world);
  const { departures } = gateway.gateway;
  const ann = await world.user();
  const clients = await Promise.all(Array.from({ length: 10 }, () => gateway.as(ann)));
  const suspended = departures.suspend(200, AbortSignal.timeout(10_000));
  await expect(gateway.client()).rejects.toThrow("503");
  for (const client of clients) {
    expect((await client.closed).code).toBe(4001);
    expect(client.frames.filter(({ type }) => type === "goaway")).toHaveLength(1);
  }
  await suspended;
  expect(departures.connections).toBe(0);
  await expect(gateway.client()).rejects.toThrow("503");
  expect(gateway.gateway.readiness()).toEqual([]);
  departures.resume();
  await gateway.as(ann);
  expect(departures.connections).toBe(1);
});

test("a suspension that is undone early leaves the connections that were not told to go", async () => {
  await using gateway = await startTestGateway(world);
  const { departures } = gateway.gateway;
  const ann = await world.user();
  const clients = await Promise.all(Array.from({ length: 60 }, () => gateway.as(ann)));
  const told = () => clients.filter((client) => client.frames.some(({ type }) => type === "goaway")).length;
  const undo = new AbortController();
  const suspended = departures.suspend(600_000, undo.signal);
  await clients[0]?.find(({ type }) => type === "goaway");
  undo.abort();
  await suspended;
  departures.resume();
  await gateway.as(ann);
  expect(told()).toBeLessThan(60);
  expect(departures.connections).toBeGreaterThanOrEqual(61 - told());
});

test("a move takes as many connections as it was asked for, and new ones go elsewhere until it is over", async () => {
  await using gateway = await startTestGateway(world);
  const { departures } = gateway.gateway;
  const ann = await world.user();
  const clients = await Promise.all(Array.from({ length: 9 }, () => gateway.as(ann)));
  const moved = departures.move(3, AbortSignal.timeout(10_000));
  expect(departures.moving).toBe(3);
  await departures.move(9, AbortSignal.timeout(10_000));
  await expect(gateway.client()).rejects.toThrow("503");
  await moved;
  expect([departures.moving, departures.connections]).toEqual([0, 6]);
  const gone = clients.map((client) => client.frames.some(({ type }) => type === "goaway"));
  expect(gone).toEqual([true, false, false, true, false, false, true, false, false]);
  await gateway.as(ann);
});

test("moves keep an even pace, and none takes longer than a minute", () => {
  expect([1, 200, 2_000, 1_000_000].map(moveMs)).toEqual([1_000, 1_000, 10_000, 60_000]);
  expect(spreadOver([1, 2, 3], 0)).toEqual([]);
  expect(spreadOver([1, 2, 3], 5)).toEqual([1, 2, 3]);
  expect(spreadOver([0, 1, 2, 3, 4], 2)).toEqual([0, 2]);
});
