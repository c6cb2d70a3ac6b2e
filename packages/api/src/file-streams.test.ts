import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { HTTP_PREFIX, type Room, type UploadedFile } from "@hubbub/protocol";
import { createHttpHost, createLogger, type HttpHost } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";
import { isUpload } from "./files/upload-path.ts";

/** `TEST_LARGE=1` sends 2 GiB, also in chunks: the memory that it takes must be the same. */
const IS_LARGE = process.env["TEST_LARGE"] === "1";
const BYTES = IS_LARGE ? 2 ** 31 : 2 ** 28;
const GROWTH_MAX_BYTES = 128 * 2 ** 20;
const LONG_MS = 240_000;
const CHUNK = Buffer.alloc(2 ** 20, "Hubbub ");

let world: World;
let api: TestApi;
let host: HttpHost;
let port: number;
let ada: Person;
let room: Room;
beforeAll(async () => {
  world = await openWorld();
  const ample = String(2 ** 32);
  api = new TestApi(world, { FILE_MAX_BYTES: ample, FILE_BYTES_PER_USER: ample, UPLOAD_MIN_BYTES_PER_SECOND: "50000" });
  const log = createLogger({ level: "silent", node: "test" });
  host = createHttpHost({ bodyMaxBytes: 60_000, streamsBody: isUpload, trustedProxies: [], log, handler: api.handler });
  port = await host.listen("127.0.0.1", 0);
  ada = await api.guest();
  room = await api.room(ada);
});
afterAll(async () => {
  host.close();
  await api.close();
  await world[Symbol.asyncDispose]();
});

const staged = async () => (await readdir(join(world.storageFolder, "staging"))).length;

async function begin(id: string, length: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`PUT ${HTTP_PREFIX}/rooms/${room.id}/files?id=${id}&name=x HTTP/1.1\r\nHost: h\r\n`);
  socket.write(`Authorization: Bearer ${ada.token}\r\n${length}\r\n\r\n`);
  return socket;
}

/** The most memory that the process has while `work` runs, over what it had before. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 50);
  await work();
  clearInterval(sampling);
  return most - before;
}

async function sendAll(socket: Socket, isChunked: boolean): Promise<void> {
  for (let sent = 0; sent < BYTES; sent += CHUNK.length) {
    if (isChunked) socket.write(`${CHUNK.length.toString(16)}\r\n`);
    const isRoomy = socket.write(CHUNK);
    if (isChunked) socket.write("\r\n");
    if (!isRoomy) await once(socket, "drain");
  }
  if (isChunked) socket.write("0\r\n\r\n");
}

test(
  "G8 a large upload and its download take the same small part of memory, whatever their length",
  async () => {
    const hash = createHash("sha256");
    for (let at = 0; at < BYTES; at += CHUNK.length) hash.update(CHUNK);
    const etag = `"${hash.digest("hex")}"`;
    let file: UploadedFile | undefined;
    const growths: number[] = [];
    for (const how of [`Content-Length: ${BYTES}`, ...(IS_LARGE ? ["Transfer-Encoding: chunked"] : [])]) {
      const growth = await growthDuring(async () => {
        const socket = await begin(how.slice(0, 1), how);
        const answered = once(socket, "data");
        await sendAll(socket, how.startsWith("T"));
        const [answer] = await answered;
        file = JSON.parse(String(answer).split("\r\n\r\n")[1] ?? "") as UploadedFile;
        socket.destroy();
      });
      expect(file).toMatchObject({ bytes: BYTES, type: "text/plain" });
      growths.push(growth);
    }
    const url = `http://127.0.0.1:${port}${HTTP_PREFIX}/rooms/${room.id}/files/${file?.id}`;
    growths.push(
      await growthDuring(async () => {
        const response = await fetch(url, { headers: { authorization: `Bearer ${ada.token}` } });
        expect(response.headers.get("etag")).toBe(etag);
        let received = 0;
        for await (const chunk of response.body ?? []) received += chunk.byteLength;
        expect(received).toBe(BYTES);
      }),
    );
    if (IS_LARGE) {
      const mebi = growths.map((growth) => Math.round(growth / 2 ** 20));
      process.stdout.write(`memory for ${BYTES / 2 ** 20} MiB, by length, in chunks, down: ${mebi.join(", ")} MiB\n`);
    }
    expect(Math.max(...growths)).toBeLessThan(GROWTH_MAX_BYTES);
  },
  LONG_MS,
);

test("a client that goes away in the middle leaves nothing, and its place is free", async () => {
  for (let times = 0; times < 6; times++) {
    const socket = await begin(`gone${times}`, "Content-Length: 10000000");
    socket.write(CHUNK);
    await expect.poll(staged, { timeout: 15_000 }).toBe(1);
    socket.destroy();
    await expect.poll(staged, { timeout: 15_000 }).toBe(0);
  }
});

test("G8 an upload that drips ends with too_slow", async () => {
  const socket = await begin("slow", "Content-Length: 10000000");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += String(chunk);
  });
  const dripping = setInterval(() => socket.write("x".repeat(1_000)), 200);
  await once(socket, "close");
  clearInterval(dripping);
  expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"too_slow"/);
  expect(await staged()).toBe(0);
}, 60_000);

test("a server without a storage says so", async () => {
  const without = new TestApi({ ...world, storage: undefined });
  const answer = await without.call("PUT", `/rooms/${room.id}/files?id=a&name=b`, { token: ada.token, body: {} });
  expect(answer).toMatchObject({ status: 501, body: { code: "unsupported" } });
  await without.close();
});
