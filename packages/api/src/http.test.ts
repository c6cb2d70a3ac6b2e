import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createMemoryBroker, createRedisBroker } from "@hubbub/broker";
import { ERRORS, HTTP_PREFIX, type Problem } from "@hubbub/protocol";
import { problem } from "@hubbub/protocol/http";
import { createLogger } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";
import { describeApi } from "./openapi.ts";

/** Nobody listens there. */
const NO_REDIS = {
  url: "redis://127.0.0.1:1",
  prefix: "x",
  shards: 4,
  backlogMaxEvents: 10,
  log: createLogger({ level: "silent", node: "test" }),
};
const ADMIN_TOKEN = "operators-only-please";
let world: World;
let api: TestApi;
let person: Person;
let folder: string;
beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), "hubbub-pages-"));
  await writeFile(join(folder, "index.html"), "<!doctype html>");
  await writeFile(join(folder, "page.js"), "export {};");
  await writeFile(join(folder, "secret.pem"), "no page");
  api = new TestApi(world, { ADMIN_TOKEN, ALLOWED_ORIGINS: "https://chat.example" }, folder);
  person = await api.guest();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const ROUTES = Object.entries(describeApi().paths ?? {}).flatMap(([path, item]) =>
  (["get", "post", "put", "patch", "delete"] as const).flatMap((method) => {
    const route = item[method];
    return route === undefined ? [] : [{ path, method: method.toUpperCase(), route }];
  }),
);

async function expectProblem(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = problem.parse(await response.json());
  expect(body.status).toBe(response.status);
  expect(Object.keys(ERRORS)).toContain(body.code);
  return body;
}

const GARBAGE: [string, RequestInit][] = [
  ["no JSON", { body: "{", headers: { "content-type": "application/json" } }],
  ["the wrong JSON", { body: "[1]", headers: { "content-type": "application/json" } }],
  ["unknown fields", { body: '{"__proto__":{"x":1},"zzz":1}', headers: { "content-type": "application/json" } }],
  ["another content type", { body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } }],
  ["no content type", { body: new Uint8Array([1, 2, 3]) }],
  ["a body over the limit", { body: "x".repeat(70_000), headers: { "content-type": "application/json" } }],
];

/** They take no input, so there is none to refuse. */
const WITHOUT_INPUT = [
  "/me",
  "/me/account",
  "/ws-tickets",
  "/me/avatar",
  "/me/blocks",
  "/me/exports",
  "/me/invitations",
  "/me/sessions",
  "/me/tasks",
  "/me/tokens",
  "/me/passkeys",
  "/me/identities",
  "/me/second-factor",
  "/auth/logout",
  "/auth/methods",
  "/bots",
];

test.each(ROUTES)("$method $path answers problem+json to garbage, never 5xx", async ({ path, method, route }) => {
  const garbage = route.requestBody === undefined ? [["", {}] as [string, RequestInit]] : GARBAGE;
  for (const [, init] of garbage) {
    const headers = { ...init.headers, authorization: `Bearer ${person.token}` };
    const target = `${HTTP_PREFIX}${path.replace(/\{\w+\}/g, "not-a-uuid%00")}?limit=x&cursor=%00&joined=maybe`;
    const response = await api.fetch(target, { ...init, method, headers });
    if (response.ok) expect(WITHOUT_INPUT).toContain(path);
    else expect((await expectProblem(response)).status).toBeLessThan(500);
    if (path === "/auth/logout" || method === "DELETE") person = await api.guest();
  }
});

test.each(ROUTES.filter(({ route }) => route.security !== undefined))(
  "$method $path asks for its token before it looks at anything else",
  async ({ path, method }) => {
    const init = { method, ...(["POST", "PUT"].includes(method) ? { body: "{" } : {}) };
    const response = await api.fetch(HTTP_PREFIX + path, init);
    expect(await expectProblem(response)).toMatchObject({ status: 401, code: "bad_token" });
  },
);

test.each([
  ["malformed JSON", "{", "application/json", 400, "bad_request"],
  ["another content type", "a=b", "text/plain", 415, "bad_request"],
  ["a body over the limit", "x".repeat(70_000), "application/json", 413, "too_large"],
])("%s is answered with its own status", async (_what, body, type, status, code) => {
  const init = { method: "POST", body, headers: { "content-type": type } };
  expect(await expectProblem(await api.fetch(`${HTTP_PREFIX}/auth/login`, init))).toMatchObject({ status, code });
});

test("an unknown path is not_found, in the api and beside it", async () => {
  for (const path of [`${HTTP_PREFIX}/nothing`, "/nothing", "/secret.pem", "/..%2fsecret.pem", "/%00"]) {
    expect(await expectProblem(await api.fetch(path))).toMatchObject({ status: 404, code: "not_found" });
  }
});

test("a wrong method is a 405 that names the right ones", async () => {
  const response = await api.fetch(`${HTTP_PREFIX}/rooms`, { method: "DELETE" });
  expect(response.headers.get("allow")).toBe("POST, GET");
  expect(await expectProblem(response)).toMatchObject({ status: 405, code: "bad_request" });
});

test("while the store is away requests are refused with unavailable", async () => {
  const url = "postgres://nobody@127.0.0.1:1/none";
  await using store = createPostgresStore({ url, poolMax: 1, statementTimeoutMs: 1_000, applicationName: "test" });
  const answer = await new TestApi({ ...world, store }).call("POST", "/auth/guest", { body: {} });
  expect(answer).toMatchObject({ status: 503, body: { code: "unavailable", retryAfterMs: 1_000 } });
  expect(answer.headers.get("retry-after")).toBe("1");
});

test("while the log is away reads work, and requests that need it are refused with unavailable", async () => {
  await using broker = createRedisBroker(NO_REDIS);
  const room = await api.room(person);
  const cutOff = new TestApi({ ...world, broker });
  const history = await cutOff.call("GET", `/rooms/${room.id}/messages`, { token: person.token });
  expect(history).toMatchObject({ status: 200, body: { messages: [], head: 0, partial: true } });
  const rooms = await cutOff.call("GET", "/rooms?joined=true", { token: person.token });
  expect(rooms).toMatchObject({ status: 200, body: { rooms: [{ id: room.id }] } });
  const members = await cutOff.call("GET", `/rooms/${room.id}/members`, { token: person.token });
  expect(members).toMatchObject({ status: 200, body: { members: [{ user: person.user, online: false }] } });
  const body = { id: "one", text: "hello" };
  const answer = await cutOff.call("POST", `/rooms/${room.id}/messages`, { token: person.token, body });
  expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
});

test("a logout while the log is away takes effect at once in the api, and on gateways when the log is back", async () => {
  const { token } = await api.guest();
  const session = await api.session(token);
  await using broker = createRedisBroker(NO_REDIS);
  const cutOff = new TestApi({ ...world, broker });
  const logout = () => cutOff.call("POST", "/auth/logout", { token });
  expect(await logout()).toMatchObject({ status: 204 });
  expect(await logout()).toMatchObject({ status: 204 });
  expect(await cutOff.call("GET", "/me", { token })).toMatchObject({ body: { code: "session_revoked" } });
  // Any api that reaches the log tells it.
  await vi.waitFor(async () => expect(await world.broker.revocations.has(session)).toBe(true), { timeout: 20_000 });
  await vi.waitFor(() => expect(world.controls).toContainEqual({ type: "session-revoked", session }));
  expect(await api.call("GET", "/me", { token })).toMatchObject({ status: 401, body: { code: "session_revoked" } });
});

test("a token reuse detected while the log is away ends the session on gateways when the log is back", async () => {
  const { token, refreshToken } = await api.guest();
  const session = await api.session(token);
  await using broker = createRedisBroker(NO_REDIS);
  const cutOff = new TestApi({ ...world, broker }, { REFRESH_GRACE_MS: "0" });
  const refresh = () => cutOff.call("POST", "/auth/refresh", { body: { refreshToken } });
  expect(await refresh()).toMatchObject({ status: 200 });
  expect(await refresh()).toMatchObject({ status: 401, body: { code: "refresh_reused" } });
  await vi.waitFor(async () => expect(await world.broker.revocations.has(session)).toBe(true), { timeout: 20_000 });
});

test("revoked sessions are published again after Redis lost its data", async () => {
  const { token } = await api.guest();
  const session = await api.session(token);
  expect(await api.call("POST", "/auth/logout", { token })).toMatchObject({ status: 204 });
  await using broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 100, durableAccept: false });
  const restarted = new TestApi({ ...world, broker });
  await vi.waitFor(async () => expect(await broker.revocations.has(session)).toBe(true), { timeout: 20_000 });
  expect(await restarted.call("GET", "/me", { token })).toMatchObject({ body: { code: "session_revoked" } });
  await restarted.close();
});

test("a revoked session stays revoked while the log is away", async () => {
  const { token } = await api.guest();
  await world.store.sessions.revoke(await api.session(token));
  await using broker = createRedisBroker(NO_REDIS);
  const answer = await new TestApi({ ...world, broker }).call("GET", "/me", { token });
  expect(answer).toMatchObject({ status: 401, body: { code: "session_revoked" } });
});

test("an unexpected error goes to the HTTP host, which logs it and answers 500", async () => {
  const keys = { ...world.keys, sign: () => Promise.reject(new RangeError("a bug")) };
  const broken = new TestApi({ ...world, keys });
  await expect(broken.call("POST", "/auth/guest", { body: {} })).rejects.toThrow("a bug");
  expect(await broken.metrics.text()).toMatch(/route="\/api\/v1\/auth\/guest",status="5xx"} 1/);
});

test("the docs page loads nothing from other hosts, under the strict policy", async () => {
  const page = await api.fetch(`${HTTP_PREFIX}/docs`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  expect(page.headers.get("content-security-policy")).toContain(
    "require-trusted-types-for 'script'; trusted-types hubbub-workers",
  );
  const html = await page.text();
  expect(html).not.toMatch(/https?:|<script>|<style|style=/);
  for (const file of ["docs/page.js", "docs/page.css", "openapi.json"]) {
    expect(html).toContain(file);
    expect((await api.fetch(`${HTTP_PREFIX}/${file}`)).status).toBe(200);
  }
});

test("every answer carries the security headers, and answers of the api are not kept", async () => {
  for (const path of ["/", "/nothing", `${HTTP_PREFIX}/me`, `${HTTP_PREFIX}/docs`]) {
    const { headers } = await api.fetch(path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
  expect((await api.fetch(`${HTTP_PREFIX}/me`)).headers.get("cache-control")).toBe("no-store");
});

test("pages of allowed origins may call, others may not, and no credentials travel", async () => {
  const from = (origin: string, method = "GET") => api.fetch(`${HTTP_PREFIX}/me`, { method, headers: { origin } });
  const allowed = await from("https://chat.example");
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://chat.example");
  expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
  expect((await from("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
  const preflight = await from("https://chat.example", "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toBe(
    "authorization,content-type,range,if-range,if-none-match",
  );
});

test("a page may open sockets to its own host only; an invalid host is not quoted", async () => {
  const policy = async (host: string) =>
    (await api.fetch("/", { headers: { host } })).headers.get("content-security-policy");
  expect(await policy("chat.example:8443")).toContain(
    "connect-src 'self' ws://chat.example:8443 wss://chat.example:8443; img-src",
  );
  expect(await policy("[::1]:8080")).toContain("ws://[::1]:8080");
  expect(await policy("x; script-src *")).toContain("connect-src 'self'; img-src");
});

test("G8 pre-flights and pages are charged to their address, like every other request", async () => {
  for (const [path, method] of [
    [`${HTTP_PREFIX}/me`, "OPTIONS"],
    ["/", "GET"],
  ] as const) {
    const strict = new TestApi(world, { REQUESTS_PER_SECOND_PER_ADDRESS: "3" });
    const headers = { origin: "https://chat.example" };
    const answers = [1, 2, 3, 4].map(() => strict.fetch(path, { method, headers }));
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(
      statuses.filter((status) => status === 429),
      path,
    ).toHaveLength(1);
  }
});

test("requests are measured by the pattern of their route", async () => {
  await api.call("GET", "/rooms/0191f0e4-0000-7000-8000-000000000000", { token: person.token });
  const text = await api.metrics.text();
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/api/v1/rooms/:id",status="4xx"}');
  expect(text).not.toContain("0191f0e4");
  expect(text).toContain("hubbub_password_queue_depth 0");
});

test("G10 close waits until running requests are answered", async () => {
  const closing = new TestApi(world);
  const body = { username: "nobody", password: "wrong password" };
  let isAnswered = false;
  const login = closing.call("POST", "/auth/login", { body }).finally(() => {
    isAnswered = true;
  });
  await closing.close();
  await setImmediate();
  expect(isAnswered).toBe(true);
  await login;
});
