import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpHost, type HttpHost } from "../http-host.ts";

/** What docs/operations.md promises of connections without a request; uWS' own bound is 10 s, looked at every few seconds. */
const CLOSED_AFTER_MS = 20_000;
const DRIP_MS = 1_000;
const REQUEST = "GET / HTTP/1.1\r\nHost: h\r\n";

let host: HttpHost;
let port: number;
beforeAll(async () => {
  const handler = () => new Response("answer");
  host = createHttpHost({ bodyMaxBytes: 1_000, trustedProxies: [], log: pino({ level: "silent" }), handler });
  port = await host.listen("127.0.0.1", 0);
});
afterAll(() => host.close());

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
