import { once } from "node:events";
import { connect } from "node:net";
import { createHttpHost, createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Disposal } from "../disposal.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startNginx } from "./nginx.ts";

const UPLOAD = "/api/v1/rooms/a/files?id=1&name=x";
/** More than nginx keeps in memory, and than any other body may have. */
const BYTES = 3 * 1_024 * 1_024;

let owned: Disposal;
let port: number;
let received = 0;
beforeAll(async () => {
  owned = new Disposal();
  const host = createHttpHost({
    bodyMaxBytes: 60_000,
    streamsBody: (method) => method === "PUT",
    trustedProxies: ["127.0.0.1"],
    log: createLogger({ level: "silent", node: "test" }),
    async handler(request) {
      received = 0;
      for await (const chunk of request.body ?? []) received += chunk.byteLength;
      return Response.json({ received });
    },
  });
  owned.use({ [Symbol.asyncDispose]: async () => host.close() });
  const api = await host.listen("127.0.0.1", 0);
  const directory = await openDataDirectory("nginx-test", undefined);
  owned.use({ [Symbol.asyncDispose]: directory.close });
  port = owned.use(await startNginx({ gateways: [], apis: [api], directory: directory.path })).port;
});
afterAll(() => owned[Symbol.asyncDispose]());

test("an upload passes nginx as it comes: the api has the first bytes before the client has sent the last", async () => {
  const socket = connect(port, "127.0.0.1");
  socket.write(`PUT ${UPLOAD} HTTP/1.1\r\nHost: h\r\nContent-Length: ${BYTES}\r\n\r\n`);
  socket.write(Buffer.alloc(100_000));
  await expect.poll(() => received, { timeout: 15_000 }).toBe(100_000);
  const answered = once(socket, "data");
  socket.write(Buffer.alloc(BYTES - 100_000));
  expect(String((await answered)[0])).toMatch(/^HTTP\/1.1 200/);
  expect(received).toBe(BYTES);
  socket.destroy();
});

test("G8 a body of that size is refused on every other path", async () => {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/rooms`, {
    method: "POST",
    body: new Uint8Array(BYTES),
  });
  expect([response.status, await response.json()]).toMatchObject([413, { code: "too_large" }]);
});
