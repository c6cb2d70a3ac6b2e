import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpHost, type HttpHost } from "../http-host.ts";
import { BodyInterrupted } from "./streamed-body.ts";

const MEBI = 1_024 * 1_024;
const LARGE = 64 * MEBI;
/** Buffers of both sockets, and what the host holds. */
const ON_THE_WAY = 16 * MEBI;

/** What the handler saw of each upload, and of each source of a download, by path. */
const seen = new Map<string, { bytes: number; error?: unknown; isCancelled?: boolean }>();
const waiting = new Map<string, () => void>();
const turn = (path: string) => new Promise<void>((resolve) => waiting.set(path, resolve));

async function receive(request: Request, path: string): Promise<Response> {
  const upload: { bytes: number; error?: unknown } = { bytes: 0 };
  seen.set(path, upload);
  if (path === "/up/refused") return new Response("no", { status: 413 });
  if (path === "/up/slow") await turn(path);
  try {
    for await (const chunk of request.body ?? []) upload.bytes += chunk.byteLength;
  } catch (error) {
    upload.error = error;
    return new Response("broken", { status: 503 });
  }
  return new Response(String(upload.bytes));
}

function give(path: string): Response {
  const source = { bytes: 0, isCancelled: false };
  seen.set(path, source);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (path === "/down/broken" && source.bytes >= MEBI) throw new Error("the disk is broken");
      await delay(0);
      source.bytes += MEBI;
      controller.enqueue(new Uint8Array(MEBI).fill(source.bytes / MEBI));
      if (source.bytes === LARGE) controller.close();
    },
    cancel: () => {
      source.isCancelled = true;
    },
  });
  return new Response(body, { headers: { "content-length": String(LARGE) } });
}

async function startHost(): Promise<{ host: HttpHost; port: number }> {
  const host = createHttpHost({
    bodyMaxBytes: 1_000,
    streamsBody: (method, path) => method === "PUT" && path.startsWith("/up/"),
    trustedProxies: [],
    log: pino({ level: "silent" }),
    handler(request) {
      const { pathname } = new URL(request.url);
      return pathname.startsWith("/up/") ? receive(request, pathname) : give(pathname);
    },
  });
  return { host, port: await host.listen("127.0.0.1", 0) };
}

let host: HttpHost;
let port: number;
beforeAll(async () => {
  ({ host, port } = await startHost());
});
afterAll(() => host.close());

const at = (path: string): string => `http://127.0.0.1:${port}${path}`;

async function open(head: string, to = port): Promise<Socket> {
  const socket = connect(to, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`${head}\r\nHost: h\r\n`);
  return socket;
}

test.each(["Content-Length", "chunked"])("a body with %s of more than the cap arrives whole", async (how) => {
  const content = new Uint8Array(3 * MEBI);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(content);
      controller.close();
    },
  });
  const body = how === "chunked" ? stream : content;
  const response = await fetch(at("/up/whole"), { method: "PUT", body, duplex: "half" } as RequestInit);
  expect(await response.text()).toBe(String(3 * MEBI));
});

test("G8 a body waits with its client while the handler does not read", async () => {
  const socket = await open("PUT /up/slow HTTP/1.1");
  socket.write(`Content-Length: ${LARGE}\r\n\r\n`);
  let sent = 0;
  const writing = (async () => {
    for (; sent < LARGE; sent += MEBI) if (!socket.write(Buffer.alloc(MEBI))) await once(socket, "drain");
  })();
  await expect
    .poll(async () => [sent, await delay(300, sent)].every((now) => now === sent), { timeout: 15_000 })
    .toBe(true);
  expect(sent).toBeLessThan(ON_THE_WAY);
  waiting.get("/up/slow")?.();
  const [answer] = await once(socket, "data");
  await writing;
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK/);
  expect(seen.get("/up/slow")?.bytes).toBe(LARGE);
  socket.destroy();
});

test("a client whose body is not wanted gets the answer, and the connection ends if much of it is missing", async () => {
  const response = await fetch(at("/up/refused"), { method: "PUT", body: new Uint8Array(2 * MEBI) });
  expect([response.status, await response.text()]).toEqual([413, "no"]);
  const socket = await open("PUT /up/refused HTTP/1.1");
  socket.write(`Content-Length: ${LARGE}\r\n\r\nsome`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 413/);
  await once(socket, "close");
});

test("the handler learns that the client left in the middle of a body", async () => {
  const socket = await open("PUT /up/left HTTP/1.1");
  socket.write("Content-Length: 100\r\n\r\nhalf");
  await expect.poll(() => seen.get("/up/left")?.bytes, { timeout: 15_000 }).toBe(4);
  socket.destroy();
  await expect.poll(() => seen.get("/up/left")?.error, { timeout: 15_000 }).toBeInstanceOf(BodyInterrupted);
  expect(seen.get("/up/left")?.error).toMatchObject({ isStopping: false });
});

test("G8 an answer with a length is read from its source only as fast as the client takes it, and arrives whole", async () => {
  const socket = await open("GET /down/slow HTTP/1.1");
  socket.pause();
  socket.write("\r\n");
  const given = () => seen.get("/down/slow")?.bytes ?? 0;
  await expect
    .poll(async () => given() > 0 && [given(), await delay(300, given())].every((now) => now === given()), {
      timeout: 15_000,
    })
    .toBe(true);
  expect(given()).toBeLessThan(ON_THE_WAY);
  socket.destroy();
  await expect.poll(() => seen.get("/down/slow")?.isCancelled, { timeout: 15_000 }).toBe(true);
  const content = new Uint8Array(await (await fetch(at("/down/whole"))).arrayBuffer());
  expect(content.length).toBe(LARGE);
  expect(content.every((byte, index) => byte === Math.floor(index / MEBI) + 1)).toBe(true);
});

test("HEAD tells the length, and its source is closed", async () => {
  const response = await fetch(at("/down/head"), { method: "HEAD" });
  expect(response.headers.get("content-length")).toBe(String(LARGE));
  expect(seen.get("/down/head")?.isCancelled).toBe(true);
});

test("an answer whose source fails is cut off, so that the client notices", async () => {
  const response = await fetch(at("/down/broken"));
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test("G10 a process that stops interrupts uploads and downloads, and waits for their handlers", async () => {
  const own = await startHost();
  const upload = await open("PUT /up/stopped HTTP/1.1", own.port);
  upload.write("Content-Length: 100\r\n\r\nhalf");
  const download = await open("GET /down/stopped HTTP/1.1", own.port);
  download.pause();
  download.write("\r\n");
  await expect
    .poll(() => [seen.get("/up/stopped")?.bytes === 4, (seen.get("/down/stopped")?.bytes ?? 0) > 0], {
      timeout: 15_000,
    })
    .toEqual([true, true]);
  const answered = once(upload, "data");
  await own.host.finish();
  expect(seen.get("/up/stopped")?.error).toMatchObject({ isStopping: true });
  expect(seen.get("/down/stopped")?.isCancelled).toBe(true);
  expect(String(await answered)).toMatch(/^HTTP\/1.1 503/);
  own.host.close();
});
