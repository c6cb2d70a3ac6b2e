import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createHttpHost, type HttpHost } from "./http-host.ts";

let host: HttpHost;
let port: number;
let release: () => void;
const logged: string[] = [];
const held = new Promise<void>((resolve) => {
  release = resolve;
});

beforeAll(async () => {
  host = createHttpHost({
    bodyMaxBytes: 1_000,
    trustedProxies: [],
    log: pino({ level: "error" }, { write: (line) => void logged.push(line) }),
    async handler(request, address) {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/throws") throw new Error("a bug");
      if (pathname === "/held") await held;
      if (pathname.startsWith("/status/")) return new Response(null, { status: Number(pathname.slice(8)) });
      if (pathname === "/own")
        return new Response("", { headers: { "content-security-policy": "default-src 'self'" } });
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

test("the answer to a request that failed has the id that its line in the log has", async () => {
  const ids = async (given: Record<string, string>) => {
    logged.length = 0;
    const id = (await fetch(at("/throws"), { headers: given })).headers.get("x-request-id");
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "request failed", path: "/throws", request: id },
    ]);
    return id;
  };
  expect(await ids({ "x-request-id": "4f0c2a" })).toBe("4f0c2a");
  expect(await ids({ "x-request-id": "no name" })).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ids({})).toMatch(/^[0-9a-f-]{36}$/);
});

test("a method that fetch does not know comes to the handler under another name, and the next client is served", async () => {
  const [response] = await once(httpRequest(at("/"), { method: "TRACE" }).end(), "response");
  expect(JSON.parse(String(await response.toArray()))).toMatchObject({ method: "X-TRACE" });
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

/** What comes back on one connection until the server closes it, or until `isEnough`. */
async function exchange(text: string, isEnough: (answer: string) => boolean = () => false): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  await new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk) => {
      answer += String(chunk);
      if (isEnough(answer)) resolve();
    });
    socket.on("close", () => resolve());
    socket.on("error", reject);
    socket.write(text);
  });
  socket.destroy();
  return answer;
}

test("HEAD gets the length of GET and no body, so that the next answer on the connection is its own", async () => {
  const get = await fetch(at("/path"));
  const length = (await get.text()).length;
  const two = "HEAD /path HTTP/1.1\r\nHost: x\r\n\r\n";
  const answer = await exchange(two, (text) => text.includes("\r\n\r\n"));
  expect(answer.toLowerCase()).toContain(`content-length: ${length}\r\n`);
  expect(answer.split("\r\n\r\n")[1]).toBe("");
});

test("answers without a body have no length", async () => {
  for (const status of [204, 304]) {
    const answer = await exchange(`GET /status/${status} HTTP/1.1\r\nHost: x\r\n\r\n`, (text) =>
      text.includes("\r\n\r\n"),
    );
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer.toLowerCase()).not.toContain("content-length");
    expect(answer.toLowerCase()).not.toContain("transfer-encoding");
  }
});

test.each(["/x\\..\\path", "/%2e%2e/path", "//path", "/pa%74h", "/a%2Fb"])(
  "%s is refused before anybody reads it in a way of their own",
  async (path) => {
    const answer = await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(answer).toContain("HTTP/1.1 400");
    expect(answer).toContain('"code":"bad_request"');
  },
);

test("every answer has the security headers, errors as well; the handler's own come first", async () => {
  for (const path of ["/path", "/throws", "/a%2Fb"]) {
    const { headers } = await fetch(at(path));
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    expect(headers.get("content-security-policy"), path).toBe("default-src 'none'; frame-ancestors 'none'");
  }
  expect((await fetch(at("/own"))).headers.get("content-security-policy")).toBe("default-src 'self'");
});

test("G10 a host that finishes answers what came before, and refuses what comes on open connections", async () => {
  let release: (answer: Response) => void = () => undefined;
  const finishing = createHttpHost({
    bodyMaxBytes: 1_000,
    trustedProxies: [],
    log: pino({ level: "silent" }),
    handler: ({ url }) =>
      url.endsWith("/slow") ? new Promise((resolve) => (release = resolve)) : new Response("early"),
  });
  const ownPort = await finishing.listen("127.0.0.1", 0);
  const sockets = [connect(ownPort, "127.0.0.1"), connect(ownPort, "127.0.0.1")] as const;
  const [busy, idle] = sockets;
  const answers = new Map(sockets.map((socket) => [socket, ""]));
  for (const socket of sockets) {
    socket.on("data", (chunk) => answers.set(socket, (answers.get(socket) ?? "") + String(chunk)));
  }
  const heard = (socket: typeof busy, text: string) =>
    vi.waitFor(() => expect(answers.get(socket)).toContain(text), { timeout: 5_000 });
  idle.write("GET /early HTTP/1.1\r\nHost: x\r\n\r\n");
  await heard(idle, "early");
  busy.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  await vi.waitFor(() => expect(release.length).toBe(1), { timeout: 5_000 });
  const done = finishing.finish();
  idle.write("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  await heard(idle, "HTTP/1.1 503");
  expect(answers.get(idle)?.toLowerCase()).toContain("connection: close");
  expect(answers.get(idle)?.toLowerCase()).toContain("retry-after: 1");
  release(new Response("answered"));
  await done;
  await heard(busy, "answered");
  for (const socket of sockets) socket.destroy();
  finishing.close();
});

test("with a certificate the port speaks TLS alone, for requests and WebSockets; unusable files are refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-tls-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
  const named = ["-addext", "subjectAltName=DNS:localhost", "-days", "2", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...made, ...named], { stdio: "pipe" });
  const options = { bodyMaxBytes: 1_000_000, trustedProxies: [], log: pino({ level: "silent" }) };
  const open = (tls: { cert: string; key: string }) =>
    createHttpHost({ ...options, tls, handler: async (request) => new Response(await request.text()) });
  const secure = open({ cert, key });
  onTestFinished(() => secure.close());
  secure.app.ws("/ws", {});
  const ca = await readFile(cert);
  const asked = { host: "localhost", port: await secure.listen("127.0.0.1", 0), ca };
  const body = "x".repeat(900_000);
  const sent = httpsRequest({ ...asked, method: "POST", path: "/" }).end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  let echoed = "";
  for await (const chunk of answer.setEncoding("utf8")) echoed += chunk;
  expect(echoed).toBe(body);
  const headers = { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const key16 = Buffer.alloc(16).toString("base64");
  const upgrading = httpsRequest({ ...asked, path: "/ws", headers: { ...headers, "sec-websocket-key": key16 } }).end();
  const [upgraded, socket] = (await once(upgrading, "upgrade")) as [IncomingMessage, Socket];
  expect(upgraded.statusCode).toBe(101);
  socket.destroy();
  await expect(fetch(`http://127.0.0.1:${asked.port}/`)).rejects.toThrow();
  await expect(once(httpsRequest({ ...asked, ca: [] }).end(), "response")).rejects.toThrow(/self-signed/);
  expect(() => open({ cert, key: join(directory, "none.pem") })).toThrow(/TLS_CERT_FILE and TLS_KEY_FILE .*ENOENT/);
  expect(() => open({ cert: key, key: cert })).toThrow(/TLS_CERT_FILE and TLS_KEY_FILE/);
});
