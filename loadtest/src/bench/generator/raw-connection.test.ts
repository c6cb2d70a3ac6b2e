import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { clientFrame, createFrameTemplate, NUMBER_SLOT, readNumber, STAMP_SLOT } from "./frame-template.ts";
import { messageText, readTextHead } from "./message-text.ts";
import { RawConnection } from "./raw-connection.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A TCP server that answers the handshake, and the first frame with the given chunks, one per turn of the event loop. */
async function serveChunks(chunks: readonly Buffer[]): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("data", async () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      await once(socket, "data");
      for (const chunk of chunks) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        socket.write(chunk);
      }
    });
  });
  closers.push(() => server.close());
  server.listen(0, "127.0.0.1");
  return await portOf(server);
}

async function portOf(server: Server | WebSocketServer): Promise<number> {
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function serverFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

test("frames are found whole wherever the network cuts them", async () => {
  const texts = ["a", "b".repeat(125), "c".repeat(126), "d".repeat(5_000), ""];
  const bytes = Buffer.concat(texts.map(serverFrame));
  for (const size of [1_000, 127, 61]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const connection = await RawConnection.open({ port: await serveChunks(chunks), path: "/" });
    closers.push(() => connection.close());
    const seen: string[] = [];
    connection.onFrame = (buffer, start, end) => seen.push(buffer.toString("utf8", start, end));
    connection.send(clientFrame("begin"));
    await vi.waitFor(() => expect(seen).toEqual(texts), 5_000);
  }
});

test("a real WebSocket server reads what the generator sends, and pings are answered", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  closers.push(() => server.close());
  const received: string[] = [];
  let pongs = 0;
  server.on("connection", (socket) => {
    socket.on("message", (data) => received.push(String(data)));
    socket.on("pong", () => pongs++);
    socket.ping();
  });
  const connection = await RawConnection.open({ port: await portOf(server), path: "/" });
  closers.push(() => connection.close());
  const template = createFrameTemplate(`{"ref":${NUMBER_SLOT},"at":"${STAMP_SLOT}"}`);
  connection.send(clientFrame("hello"));
  connection.send(template.stamp(7, 123_456));
  await vi.waitFor(() => expect(received).toEqual(["hello", '{"ref":1000000007,"at":"0000000000123456"}']));
  await vi.waitFor(() => expect(pongs).toBe(1));
});

test("a server that refuses the upgrade is an error that says so", async () => {
  const server = createServer((socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  closers.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await expect(RawConnection.open({ port: await portOf(server), path: "/" })).rejects.toThrow("403 Forbidden");
});

test("a text tells its sender, number and time, wherever it stands", () => {
  const template = createFrameTemplate(`some envelope "${messageText(42, 200)}" and more`);
  const frame = template.stamp(123, 987_654_321);
  expect(readTextHead(frame, 0, frame.length)).toEqual({ sender: 42, number: 123, microseconds: 987_654_321 });
  expect(readTextHead(Buffer.from("nothing here"), 0, 12)).toBeNull();
  expect(readNumber(Buffer.from("1000000005"), 0)).toBe(5);
});
