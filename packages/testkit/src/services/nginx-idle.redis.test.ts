import { once, setMaxListeners } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Disposal } from "../disposal.ts";
import { startNginx } from "./nginx.ts";

const HEADER_CLOSED_AFTER_MS = 12_000;
const IDLE_CLOSED_AFTER_MS = 25_000;
const DRIP_MS = 500;
const AGAIN_MS = 100;
/** Of one address, as the template has it. */
const TRANSFERS_MAX = 50;
const REQUEST = "GET /api/v1/x HTTP/1.1\r\nHost: h\r\n";

const owned = new Disposal();
let port: number;
beforeAll(async () => {
  const api = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end("answer"));
  });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  owned.use({
    async [Symbol.asyncDispose]() {
      api.closeAllConnections();
      api.close();
    },
  });
  const front = owned.use(
    await startNginx({ gateways: [], apis: [(api.address() as AddressInfo).port], limits: true }),
  );
  port = Number(new URL(front.url).port);
});
afterAll(() => owned[Symbol.asyncDispose]());

/** Sends `first`, then a piece of `drip` again and again; resolves to the ms until nginx closes. */
async function untilClosed(first: string, drip = ""): Promise<number> {
  const startedAt = performance.now();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.resume();
  socket.on("error", () => undefined);
  if (first !== "") socket.write(first);
  const dripping = setInterval(() => drip !== "" && socket.write(drip), DRIP_MS);
  await new Promise((resolve) => socket.on("close", resolve));
  clearInterval(dripping);
  return performance.now() - startedAt;
}

test.concurrent.each([
  ["says nothing", "", "", HEADER_CLOSED_AFTER_MS],
  ["sends half a request", REQUEST, "", HEADER_CLOSED_AFTER_MS],
  ["drips the head of a request", `${REQUEST}X: `, "x", HEADER_CLOSED_AFTER_MS],
  ["has had its answer", `${REQUEST}\r\n`, "", IDLE_CLOSED_AFTER_MS],
])(
  "G8 the front closes a connection that %s in time",
  async (_what, first, drip, withinMs) => {
    expect(await untilClosed(first, drip)).toBeLessThan(withinMs);
  },
  2 * IDLE_CLOSED_AFTER_MS,
);

/** Holds one transfer: a body that drips, and another one soon after this one was refused or closed. */
function holdTransfer(signal: AbortSignal): void {
  const socket = connect(port, "127.0.0.1", () => {
    socket.write("POST /api/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n");
  });
  const dripping = setInterval(() => socket.write("x"), DRIP_MS);
  // An answer before the end of the body is a refusal: nginx keeps such a connection open and does not count it.
  socket.on("data", () => socket.destroy());
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(dripping);
    if (!signal.aborted) setTimeout(() => signal.aborted || holdTransfer(signal), AGAIN_MS);
  });
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
}

test("G8 bodies that drip are counted by address, and further requests of it are refused", async () => {
  const holding = new AbortController();
  setMaxListeners(TRANSFERS_MAX, holding.signal);
  for (let count = 0; count < TRANSFERS_MAX; count++) holdTransfer(holding.signal);
  const status = async () => (await fetch(`http://127.0.0.1:${port}/api/v1/x`)).status;
  // Once a second: the bound of requests has nothing to do with it.
  await expect.poll(status, { timeout: 8_000, interval: 1_000 }).toBe(429);
  holding.abort();
  await expect.poll(status, { timeout: 8_000, interval: 1_000 }).toBe(200);
});
