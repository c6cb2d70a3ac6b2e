import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpHost, type HttpHost } from "../http-host.ts";

/** More than the buffers of a connection on this machine hold. */
const LARGE = 12 * 1_024 * 1_024;
const DEADLINE_MS = 2_000;
let host: HttpHost;
let port: number;
beforeAll(async () => {
  host = createHttpHost({
    bodyMaxBytes: 1_000,
    trustedProxies: ["127.0.0.1"],
    log: pino({ level: "silent" }),
    unread: { perAddressMaxBytes: LARGE, maxBytes: 3.5 * LARGE, deadlineMs: DEADLINE_MS },
    handler: (request) => new Response(new URL(request.url).pathname === "/large" ? "x".repeat(LARGE) : "small"),
  });
  port = await host.listen("127.0.0.1", 0);
});
afterAll(() => host.close());

function askAndNotRead(address: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.pause();
      socket.write(`GET /large HTTP/1.1\r\nHost: h\r\nX-Real-IP: ${address}\r\n\r\n`);
      resolve(socket);
    });
    socket.on("error", () => undefined);
  });
}

const ask = (address: string, path = "/small") =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { "x-real-ip": address } });

test("G8 an address that does not read its answers is refused more until it reads or its deadline is over", async () => {
  const socket = await askAndNotRead("192.0.2.1");
  await expect.poll(async () => (await ask("192.0.2.1")).status, { timeout: DEADLINE_MS }).toBe(503);
  const refused = await ask("192.0.2.1");
  if (refused.status === 503) {
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
  }
  expect((await ask("192.0.2.2")).status).toBe(200);
  await expect.poll(async () => (await ask("192.0.2.1")).status, { timeout: 15_000 }).toBe(200);
  socket.destroy();
});

test("a large answer that is read arrives whole", async () => {
  const text = await (await ask("192.0.2.3", "/large")).text();
  expect(text.length).toBe(LARGE);
  expect((await ask("192.0.2.3")).status).toBe(200);
});

test("G8 a reader that leaves frees what waited for it", async () => {
  const socket = await askAndNotRead("192.0.2.4");
  await expect.poll(async () => (await ask("192.0.2.4")).status, { timeout: DEADLINE_MS }).toBe(503);
  socket.destroy();
  await expect.poll(async () => (await ask("192.0.2.4")).status, { timeout: 15_000 }).toBe(200);
});

test("G8 readers of many addresses together cannot take more than the bound, and small answers still go out", async () => {
  const sockets = await Promise.all(["192.0.2.5", "192.0.2.6", "192.0.2.7"].map(askAndNotRead));
  await expect
    .poll(async () => (await ask("192.0.2.8", "/large").then(drain)).status, { timeout: DEADLINE_MS })
    .toBe(503);
  expect((await ask("192.0.2.8")).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await ask("192.0.2.8", "/large").then(drain)).status, { timeout: 15_000 }).toBe(200);
});

async function drain(response: Response): Promise<Response> {
  await response.arrayBuffer();
  return response;
}
