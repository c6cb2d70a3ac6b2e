import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpHost, type HttpHost } from "../http-host.ts";

/** What docs/operations.md promises of connections without a request; uWS' own bound is 10 s, looked at every few seconds. */
const CLOSED_AFTER_MS = 20_000;
const DRIP_MS = 1_000;
const DRIPPED_MS = 14_000;
const REQUEST = "GET / HTTP/1.1\r\nHost: h\r\n";

let host: HttpHost;
let port: number;
let slow: ReturnType<typeof dripBody>;
/** Bytes of bodies that the handler got as a stream. */
let streamed = 0;
beforeAll(async () => {
  const handler = async (request: Request) => {
    for await (const chunk of request.body ?? []) streamed += chunk.byteLength;
    return new Response("answer");
  };
  const log = pino({ level: "silent" });
  const streamsBody = (method: string) => method === "PUT";
  host = createHttpHost({ bodyMaxBytes: 1_000, streamsBody, trustedProxies: [], log, handler });
  port = await host.listen("127.0.0.1", 0);
  slow = dripBody();
});
afterAll(() => host.close());

/** A body at a sixteenth of the rate that uWS wants. */
function dripBody() {
  const socket = connect(port, "127.0.0.1");
  socket.write("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  const timer = setInterval(() => {
    drip.sent += 1_000;
    socket.write(Buffer.alloc(1_000));
  }, DRIP_MS);
  const drip = { socket, timer, sent: 0, beganAt: Date.now() };
  return drip;
}

/** Sends `first`, then a piece of `drip` each second; resolves to the ms until the server closes. */
function untilClosed(first: string, drip = ""): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect(port, "127.0.0.1", () => {
      if (first !== "") socket.write(first);
    });
    const dripping = setInterval(() => drip !== "" && socket.write(drip), DRIP_MS);
    socket.resume();
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(dripping);
      resolve(performance.now() - startedAt);
    });
  });
}

test.concurrent.each([
  ["says nothing", "", ""],
  ["sends half a request", REQUEST, ""],
  ["has had its answer", `${REQUEST}\r\n`, ""],
  ["drips the head of a request", `${REQUEST}X: `, "x"],
  ["sends half a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf", ""],
])(
  "G8 a connection that %s is closed in time",
  async (_what, first, drip) => {
    expect(await untilClosed(first, drip)).toBeLessThan(CLOSED_AFTER_MS);
  },
  2 * CLOSED_AFTER_MS,
);

test("a slow client of a streamed body keeps its connection as long as something comes", async () => {
  // It has dripped while the others were closed.
  await delay(Math.max(0, slow.beganAt + DRIPPED_MS - Date.now()));
  clearInterval(slow.timer);
  await expect.poll(() => streamed, { timeout: 5_000 }).toBe(slow.sent);
  expect(slow.socket.closed).toBe(false);
  slow.socket.destroy();
});
