import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Embedded, startEmbedded } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { RULES } from "./rules.ts";
import { runRules } from "./run-rules.ts";
import { Subject } from "./subject.ts";

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded[Symbol.asyncDispose]());

interface Breaking {
  /** What becomes of a frame of the server. */
  readonly frames?: (text: string) => readonly string[];
  readonly status?: (status: number) => number;
}

/** A proxy in front of the server that keeps all rules but those that it breaks. */
async function openProxy({ frames = (text) => [text], status = (code) => code }: Breaking) {
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const answer = await fetch(embedded.url + request.url, { method: request.method ?? "GET", headers, ...body });
    response.writeHead(status(answer.status), { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  new WebSocketServer({ server }).on("connection", (near) => {
    const far = new WebSocket(embedded.wsUrl, "hubbub.v1");
    near.on("message", (data) => {
      if (far.readyState === WebSocket.OPEN) far.send(String(data));
      else far.once("open", () => far.send(String(data)));
    });
    far.on("message", (data) => {
      for (const text of frames(String(data))) near.send(text);
    });
    near.on("close", () => far.close());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const outcomes = async (url: string, ids: readonly string[]) =>
  (
    await runRules(
      new Subject(url),
      RULES.filter(({ id }) => ids.includes(id)),
    )
  ).map(({ id, result }) => [id, result]);

test("a server of this repository keeps every rule", async () => {
  const results = await runRules(new Subject(embedded.url), RULES);
  expect(results.filter(({ result }) => result !== "pass")).toEqual([]);
});

test("a server that delivers an event twice, or answers an unknown path with 200, breaks the rule about it alone", async () => {
  const ids = ["C-HTTP-003", "C-HTTP-008", "C-WS-006", "C-PUB-001", "C-PUB-002"];
  using twice = await openProxy({ frames: (text) => (text.includes('"kind":"message"') ? [text, text] : [text]) });
  expect(await outcomes(twice.url, ids)).toEqual([
    ["C-HTTP-003", "pass"],
    ["C-HTTP-008", "pass"],
    ["C-WS-006", "pass"],
    ["C-PUB-001", "pass"],
    ["C-PUB-002", "fail"],
  ]);
  using polite = await openProxy({ status: (status) => (status === 404 ? 200 : status) });
  expect(await outcomes(polite.url, ids.slice(0, 2))).toEqual([
    ["C-HTTP-003", "fail"],
    ["C-HTTP-008", "pass"],
  ]);
});

test("the command prints JSON and exits with 1 when a rule fails", async () => {
  using polite = await openProxy({ status: (status) => (status === 404 ? 200 : status) });
  const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, polite.url, "--json", "--only", "C-HTTP-003"]);
  const [output] = await Promise.all([child.stdout.toArray(), once(child, "exit")]);
  expect(child.exitCode).toBe(1);
  const { results } = JSON.parse(Buffer.concat(output).toString());
  expect(results).toMatchObject([{ id: "C-HTTP-003", result: "fail", reason: expect.stringContaining("not_found") }]);
});
