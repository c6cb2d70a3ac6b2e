import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { connectWs } from "./ws-client.ts";

let server: WebSocketServer;
let url: string;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    socket.send('{"type":"early"}');
    socket.on("message", (data) => socket.send(String(data)));
  });
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

test("frames are taken by type, in order, and none is missed at the start", async () => {
  const client = await connectWs(url);
  client.send({ type: "a", n: 1 });
  client.send({ type: "b" });
  client.send({ type: "a", n: 2 });
  expect(await client.next("b")).toEqual({ type: "b" });
  expect(await client.next("a")).toMatchObject({ n: 1 });
  expect(await client.next()).toEqual({ type: "early" });
  expect(await client.next("a")).toMatchObject({ n: 2 });
  expect(client.queued).toEqual([]);
  await client.close();
});

test("a frame that does not come says what came instead", async () => {
  const client = await connectWs(url);
  await expect(client.next("ready", 50)).rejects.toThrow("no ready: none within 50 ms; in the queue: early");
  await client.close();
});

test("a caller that waits when the connection closes is told the code", async () => {
  const client = await connectWs(url);
  const waiting = client.next("ready");
  for (const socket of server.clients) socket.close(4008, "slow");
  await expect(waiting).rejects.toThrow("no ready: the connection was closed with 4008 slow");
  expect(await client.closed).toEqual({ code: 4008, reason: "slow" });
});
