import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { Disposal } from "../disposal.ts";
import { eventually } from "../eventually.ts";
import { infraFile } from "../paths.ts";
import { connectWs, type WsClient } from "../ws-client.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startNginx } from "./nginx.ts";
import { fillTemplate, placeholdersOf, renderNginxConfig } from "./nginx-config.ts";

let owned: Disposal;
beforeEach(() => {
  owned = new Disposal();
});
afterEach(() => owned[Symbol.asyncDispose]());

interface Backend {
  readonly port: number;
  /** Again at the same port. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Refuses upgrades with 503. */
  drain(): void;
  /** Answers every request with this JSON from now on. */
  answer(json: string): void;
}

/** Tells every caller who answers, and what it was told about the caller. */
async function startBackend(): Promise<Backend> {
  let given: string | undefined;
  const server: Server = createServer((request, response) => {
    if (given !== undefined) return response.setHeader("content-type", "application/json").end(given);
    return response.end(JSON.stringify({ port, path: request.url, headers: request.headers }));
  });
  const draining = { is: false };
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => "hubbub.v1",
    verifyClient: (_, answer) => answer(!draining.is, 503),
  });
  sockets.on("connection", (socket: WebSocket, { headers }) =>
    socket.send(JSON.stringify({ type: "hi", port, headers })),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const open = () => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of sockets.clients) socket.terminate();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  };
  owned.use({ [Symbol.asyncDispose]: close });
  const drain = () => {
    draining.is = true;
  };
  const answer = (json: string) => {
    given = json;
  };
  return { port, open, close, drain, answer };
}

async function startFront(limits = false) {
  const [one, two, three, api] = await Promise.all([startBackend(), startBackend(), startBackend(), startBackend()]);
  const directory = await openDataDirectory("nginx-test", undefined);
  owned.use({ [Symbol.asyncDispose]: directory.close });
  const gateways = [one, two, three];
  const ports = gateways.map(({ port }) => port);
  const front = await startNginx({ gateways: ports, apis: [api.port], limits, directory: directory.path });
  owned.use(front);
  return { front, gateways, api, directory: directory.path, ws: `${front.url.replace("http", "ws")}/ws` };
}

/** Which gateway a client with this cookie gets, and what it says. */
async function visit(url: string, headers: Record<string, string> = {}) {
  const client = await connectWs(url, { headers });
  const hi = await client.next("hi");
  const cookies = client.headers["set-cookie"] ?? [];
  await client.close();
  return { port: hi["port"], headers: hi["headers"] as Record<string, string>, cookies };
}

test("nginx takes the template without a warning", async () => {
  const { directory } = await startFront();
  expect(await readFile(`${directory}/error.log`, "utf8")).toBe("");
});

test("a client comes back to its gateway, and anywhere else when that is dead", async () => {
  const { gateways, ws } = await startFront();
  const first = await visit(ws);
  expect(first.cookies).toHaveLength(1);
  expect(first.cookies[0]).toMatch(/^hubbub_gw=[0-9a-f]{32}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax$/);
  const cookie = String(first.cookies[0]?.split(";")[0]);
  const home = (await visit(ws, { cookie })).port;
  for (let visits = 0; visits < 5; visits += 1) {
    const again = await visit(ws, { cookie });
    expect(again.port).toBe(home);
    expect(again.cookies).toEqual([]);
  }
  await gateways.find(({ port }) => port === home)?.close();
  expect((await visit(ws, { cookie })).port).not.toBe(home);
});

test("gateways that were away, one after the other, take connections again at once", async () => {
  const { gateways, ws } = await startFront();
  const visits = () => Promise.all(Array.from({ length: 30 }, () => connectWs(ws)));
  const clients: WsClient[] = [];
  for (const gateway of gateways) {
    await gateway.close();
    clients.push(...(await visits()));
    await gateway.open();
  }
  clients.push(...(await visits()));
  expect(clients.filter(({ isOpen }) => isOpen).length).toBeGreaterThanOrEqual(30);
  for (const client of clients) client.terminate();
});

test("G10 api processes that are replaced one after the other leave nobody without an answer", async () => {
  const apis = await Promise.all([startBackend(), startBackend()]);
  const directory = await openDataDirectory("nginx-test", undefined);
  owned.use({ [Symbol.asyncDispose]: directory.close });
  const ports = apis.map(({ port }) => port);
  const front = owned.use(await startNginx({ gateways: [], apis: ports, directory: directory.path }));
  const statuses = async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${front.url}/api/v1/x`)));
    return new Set(answers.map(({ status }) => status));
  };
  for (const api of apis) {
    await api.close();
    expect(await statuses()).toEqual(new Set([200]));
    await api.open();
  }
});

test("G10 a client whose gateway drains is taken by another at once, cookie or not", async () => {
  const { gateways, ws } = await startFront();
  const { port, cookies } = await visit(ws);
  const cookie = String(cookies[0]?.split(";")[0]);
  expect((await visit(ws, { cookie })).port).toBe(port);
  gateways.find((gateway) => gateway.port === port)?.drain();
  expect((await visit(ws, { cookie })).port).not.toBe(port);
  const others = await Promise.all(Array.from({ length: 12 }, () => visit(ws)));
  expect(others.map((other) => other.port)).not.toContain(port);
  for (const gateway of gateways) gateway.drain();
  await expect(connectWs(ws)).rejects.toThrow("503");
});

test("clients without a cookie are spread over the gateways", async () => {
  const { ws } = await startFront();
  const visits = await Promise.all(Array.from({ length: 24 }, () => visit(ws)));
  expect(new Set(visits.map(({ port }) => port)).size).toBe(3);
});

test("the page and the api go to an api process, and the front answers for itself alone", async () => {
  const { front, api } = await startFront();
  for (const path of ["/", "/api/v1/rooms?cursor=x", "/readyz"]) {
    const answer = await fetch(front.url + path);
    expect(await answer.json()).toMatchObject({ port: api.port, path });
    expect(answer.headers.get("set-cookie")).toMatch(/^hubbub_gw=/);
  }
  expect((await fetch(`${front.url}/metrics`)).status).toBe(404);
  expect((await fetch(`${front.url}/api/v1/x`, { method: "POST", body: "x".repeat(70_000) })).status).toBe(413);
});

test("long answers of the api leave compressed for who takes that, short ones as they are", async () => {
  const { front, api } = await startFront();
  const encodingOf = async (text: string, accepted: string) => {
    api.answer(text);
    const answer = await fetch(`${front.url}/api/v1/rooms`, { headers: { "accept-encoding": accepted } });
    expect(await answer.text()).toBe(text);
    return answer.headers.get("content-encoding");
  };
  const long = JSON.stringify({ rooms: "x".repeat(10_000) });
  expect(await encodingOf(long, "gzip, br")).toBe("gzip");
  expect(await encodingOf(long, "identity")).toBeNull();
  expect(await encodingOf("{}", "gzip")).toBeNull();
});

test("a forged address is replaced by the real one, for gateways and api alike", async () => {
  const { front, ws } = await startFront();
  const forged = { "x-real-ip": "203.0.113.9" };
  expect((await visit(ws, forged)).headers["x-real-ip"]).toBe("127.0.0.1");
  const answer = await fetch(front.url, { headers: forged });
  expect(await answer.json()).toMatchObject({ headers: { "x-real-ip": "127.0.0.1" } });
});

test("what stands in a query never reaches the logs", async () => {
  const { gateways, ws, directory } = await startFront();
  await visit(`${ws}?token=very-secret`);
  for (const gateway of gateways) await gateway.close();
  await expect(connectWs(`${ws}?token=very-secret`)).rejects.toThrow("503");
  const log = await eventually(async () => {
    const text = await readFile(`${directory}/access.log`, "utf8");
    expect(text).toContain('"status":503');
    return text;
  });
  expect(log).toContain('"path":"/ws"');
  expect(log + (await readFile(`${directory}/error.log`, "utf8"))).not.toContain("very-secret");
});

test("G8 what is refused fills neither log: no query, and no path longer than any there is", async () => {
  const { front, api, directory } = await startFront(true);
  const path = `/api/v1/${"x".repeat(4_000)}?token=very-secret`;
  const post = (body: string) => fetch(front.url + path, { method: "POST", body });
  expect(new Set(await Promise.all(Array.from({ length: 100 }, async () => (await post("x")).status)))).toContain(429);
  const tooLarge = await post("x".repeat(70_000));
  expect(tooLarge.status).toBe(413);
  expect(await tooLarge.json()).toMatchObject({ status: 413, code: "too_large" });
  const own = await fetch(`${front.url}/metrics?token=very-secret`, { method: "POST", body: "x".repeat(70_000) });
  expect(own.status).toBe(413);
  await api.close();
  await eventually(async () => {
    const away = await post("x");
    expect([away.status, await away.json()]).toMatchObject([503, { status: 503, code: "unavailable" }]);
  });
  const log = await eventually(async () => {
    const lines = (await readFile(`${directory}/access.log`, "utf8")).trim().split("\n");
    for (const status of [413, 429, 503]) expect(lines.join("\n")).toContain(`"status":${status}`);
    return lines;
  });
  expect(log.filter((line) => line.length > 1_000 || line.includes("very-secret"))).toEqual([]);
  expect(await readFile(`${directory}/error.log`, "utf8")).toBe("");
});

test("limits hold in the production flavour, and are off in the other", async () => {
  const strict = await startFront(true);
  const statuses = async (url: string) =>
    Promise.all(Array.from({ length: 100 }, async () => (await fetch(`${url}/api/v1/x`)).status));
  expect(await statuses(strict.front.url)).toContain(429);
  const open = await startFront();
  expect(new Set(await statuses(open.front.url))).toEqual(new Set([200]));
});

test("gateways can be exchanged while connections live", async () => {
  const { front, gateways, api, ws } = await startFront();
  const staying = await connectWs(ws);
  await staying.next("hi");
  const added = await startBackend();
  await front.reconfigure({ gateways: [added.port], apis: [api.port] });
  await eventually(async () => expect((await visit(ws)).port).toBe(added.port));
  expect(gateways.map(({ port }) => port)).not.toContain(added.port);
  expect(staying.isOpen).toBe(true);
  await staying.close();
});

test("workers of a killed nginx do not keep its port", async () => {
  const { front } = await startFront();
  await front.kill();
  await expect(fetch(`${front.url}/livez`)).rejects.toThrow();
  await front.restart();
  expect((await fetch(`${front.url}/livez`)).status).toBe(200);
});

test("a placeholder without a value is refused", async () => {
  const template = await readFile(infraFile("nginx/nginx.conf.template"), "utf8");
  expect(() => fillTemplate(template, {})).toThrow(/HUBBUB_/);
  const rendered = await renderNginxConfig("/tmp", 1, { gateways: [2], apis: [3], limits: false });
  expect(placeholdersOf(rendered)).toEqual(new Set());
});
