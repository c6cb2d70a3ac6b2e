import { spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpHost, type HttpHost } from "./http-host.ts";

let host: HttpHost;
let port: number;
let release: () => void;
const held = new Promise<void>((resolve) => {
  release = resolve;
});

beforeAll(async () => {
  host = createHttpHost({
    bodyMaxBytes: 1_000,
    trustedProxies: [],
    log: pino({ level: "silent" }),
    async handler(request, address) {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/throws") throw new Error("a bug");
      if (pathname === "/held") await held;
      return Response.json({ method: request.method, pathname, search, address, body: await request.text() });
    },
  });
  port = await host.listen("127.0.0.1", 0);
});
afterAll(() => host.close());

const at = (path: string): string => `http://127.0.0.1:${port}${path}`;

test("a request arrives whole, its body in one piece", async () => {
  const response = await fetch(at("/path?q=1"), { method: "POST", body: "x".repeat(1_000) });
  expect(await response.json()).toEqual({
    method: "POST",
    pathname: "/path",
    search: "?q=1",
    address: "127.0.0.1",
    body: "x".repeat(1_000),
  });
});

test("G8 a body over its cap is refused with too_large", async () => {
  const response = await fetch(at("/"), { method: "POST", body: "x".repeat(1_001) });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ code: "too_large" });
});

test("a forged X-Real-IP of an untrusted peer is not believed", async () => {
  const response = await fetch(at("/"), { headers: { "x-real-ip": "10.1.2.3" } });
  expect(await response.json()).toMatchObject({ address: "127.0.0.1" });
});

test("a bug in the handler answers 500 and tells nothing of itself", async () => {
  const response = await fetch(at("/throws"));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("a bug");
});

test("a method that fetch does not know is refused, and the next client is served", async () => {
  const status = await new Promise((resolve) => {
    httpRequest(at("/"), { method: "TRACE" }, (response) => resolve(response.statusCode)).end();
  });
  expect(status).toBe(400);
  expect((await fetch(at("/"))).status).toBe(200);
});

test("a client that leaves before its answer harms nobody", async () => {
  const leaving = new AbortController();
  const gone = fetch(at("/held"), { signal: leaving.signal });
  const half = connect(port, "127.0.0.1", () =>
    half.write("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nhalf"),
  );
  await new Promise((resolve) => half.once("connect", resolve));
  half.destroy();
  leaving.abort();
  await expect(gone).rejects.toThrow();
  release();
  expect((await fetch(at("/held"))).status).toBe(200);
});

test("a port that another process has is refused in words that help, and not shared", async () => {
  const other = spawn(process.execPath, [
    "-e",
    `require("node:http").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port); })`,
  ]);
  const taken = Number(String(await once(other.stdout, "data")));
  const options = {
    bodyMaxBytes: 1,
    trustedProxies: [],
    log: pino({ level: "silent" }),
    handler: () => new Response(),
  };
  for (const [inUse, name] of [
    [port, "this one"],
    [taken, "the other"],
  ] as const) {
    await expect(createHttpHost(options).listen("127.0.0.1", inUse), name).rejects.toThrow(
      /another program has the port.*PORT/,
    );
  }
  other.kill();
});
