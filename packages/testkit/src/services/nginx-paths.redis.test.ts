import { connect } from "node:net";
import { createHttpHost, createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Disposal } from "../disposal.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startNginx } from "./nginx.ts";

/** Paths that nginx has a location of its own for: no other process may answer under their names. */
const GUARDED = ["/livez", "/metrics", "/statusz", "/ws"];
const SEPARATORS = [
  "/",
  "//",
  "/./",
  "/x/../",
  "\\",
  "\\\\",
  "%2f",
  "%5c",
  "/%2e%2e/",
  "/x\\..\\",
  "/x%5c..%5c",
  "/..;/",
];
const ENDS = ["", "/", "/.", "/..", "%00", "%20", "#x", "?x", ";x", ".", "\\", "%2f"];

let owned: Disposal;
let port: number;

/** Says which process answers, and which path it reads. */
async function startBackend(role: string): Promise<number> {
  const host = createHttpHost({
    bodyMaxBytes: 1_000,
    trustedProxies: ["127.0.0.1"],
    log: createLogger({ level: "silent", node: "test" }),
    handler: ({ url }) => Response.json({ role, path: new URL(url).pathname }),
  });
  owned.use({ [Symbol.asyncDispose]: async () => host.close() });
  return host.listen("127.0.0.1", 0);
}

beforeAll(async () => {
  owned = new Disposal();
  const [gateway, api] = [await startBackend("gateway"), await startBackend("api")];
  const directory = await openDataDirectory("nginx-test", undefined);
  owned.use({ [Symbol.asyncDispose]: directory.close });
  const front = owned.use(await startNginx({ gateways: [gateway], apis: [api], directory: directory.path }));
  port = front.port;
});
afterAll(() => owned[Symbol.asyncDispose]());

interface Taken {
  readonly status: number;
  /** undefined: nginx answered by itself, or a process refused the path. */
  readonly role?: string;
  readonly path?: string;
}

/** As it stands, without the tidying that clients do. */
async function ask(target: string): Promise<Taken> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  await new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    socket.on("close", () => resolve());
    socket.on("error", reject);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  });
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  const body = /\{"role":[^}]*\}/.exec(answer)?.[0];
  return { status, ...(body === undefined ? {} : JSON.parse(body)) };
}

function escaped(path: string): string {
  const letter = path.charAt(1);
  return `/%${letter.charCodeAt(0).toString(16)}${path.slice(2)}`;
}

function spellings(): string[] {
  const names = [...GUARDED, "/api/v1/admin/nodes"].flatMap((path) => [path, escaped(path), path.toUpperCase()]);
  const begun = names.flatMap((name) => SEPARATORS.map((separator) => `${separator}${name.slice(1)}`));
  const below = begun.flatMap((name) => [name, `/api/v1${name}`, `/x/..${name}`]);
  return below.flatMap((name) => ENDS.map((end) => `${name}${end}`)).filter((target) => target.startsWith("/"));
}

test("plain paths go where they belong", async () => {
  expect(await ask("/ws")).toEqual({ status: 200, role: "gateway", path: "/ws" });
  expect(await ask("/api/v1/me")).toEqual({ status: 200, role: "api", path: "/api/v1/me" });
  expect(await ask("/livez")).toEqual({ status: 200 });
  for (const path of ["/metrics", "/statusz"]) expect(await ask(path)).toEqual({ status: 404 });
});

test("however a path is spelt, the process reads the one that nginx chose a location for", {
  timeout: 120_000,
}, async () => {
  const targets = spellings();
  expect(targets.length).toBeGreaterThan(1_000);
  const disagreeing: string[] = [];
  let served = 0;
  for (let at = 0; at < targets.length; at += 32) {
    const some = targets.slice(at, at + 32);
    for (const [index, { role, path }] of (await Promise.all(some.map(ask))).entries()) {
      if (role === undefined) continue;
      served += 1;
      const agrees = role === "gateway" ? path === "/ws" : !GUARDED.includes(path ?? "");
      if (!agrees) disagreeing.push(`${some[index]} was read as ${path} by the ${role}`);
    }
  }
  expect(served).toBeGreaterThan(0);
  expect(disagreeing).toEqual([]);
});
