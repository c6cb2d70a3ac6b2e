import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { channelOf } from "./centrifugo-dialect.ts";
import { Load } from "./load.ts";
import { overload } from "./overload.ts";

const STEP_MS = 10;
const EACH_STEP = 5;
const QUEUE_MAX = 100;

/** Speaks as Centrifugo does and takes 500 messages a second: lets 100 wait and refuses the rest, or lets all wait. */
async function serve(beyond: "refuse" | "queue"): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const waiting: (() => void)[] = [];
  const serving = setInterval(() => {
    for (const answer of waiting.splice(0, EACH_STEP)) answer();
  }, STEP_MS);
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const { id, publish } = JSON.parse(String(data)) as { id: number; publish?: unknown };
      if (publish === undefined) socket.send(`{"id":${id},"connect":{}}`);
      else if (beyond === "refuse" && waiting.length >= QUEUE_MAX) socket.send(`{"id":${id},"error":{"code":1}}`);
      else waiting.push(() => socket.send(`{"id":${id},"publish":{}}`));
    });
  });
  await once(server, "listening");
  onTestFinished(() => {
    clearInterval(serving);
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function overloaded(beyond: "refuse" | "queue") {
  const room = channelOf(1);
  const load = await Load.connect({
    dialect: "centrifugo",
    crowds: [{ port: await serve(beyond), members: [{ token: "", rooms: [] }] }],
    senders: [{ crowd: 0, member: 0, room }],
    textBytes: 60,
    copies: 0,
    timeDeliveries: false,
  });
  return await overload(load, {
    inFlight: 20,
    warmupMs: 200,
    windowMs: 500,
    factor: 4,
    calm: 0.25,
    overloadMs: 600,
    recoveryMs: 1_100,
    copies: 0,
    groups: [],
  });
}

test("a server that refuses what it cannot take serves on meanwhile, and what it refuses is counted", async () => {
  const result = await overloaded("refuse");
  expect(result.offered).toBeGreaterThan(result.saturated * 2);
  expect(result.refused).toBeGreaterThan(0);
  expect(result.goodput).toBeGreaterThan(result.saturated / 3);
});

test("a server that queues all of it answers late long after the overload", async () => {
  const result = await overloaded("queue");
  expect(result.refused).toBe(0);
  expect(result.recoveryMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1_000);
});
