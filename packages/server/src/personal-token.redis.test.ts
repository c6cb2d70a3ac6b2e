import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@hubbub/api";
import { createAcceptor, createHistory, createRedisBroker } from "@hubbub/broker";
import { createGateway } from "@hubbub/gateway";
import { BODY_MAX_BYTES, CLOSE, newId, type ScopedAccess, type Tokens, WEBSOCKET_PATH } from "@hubbub/protocol";
import { createHttpHost, createLogger, createMetrics, ensureSigningKeys, readSigningKeys } from "@hubbub/runtime";
import { createEmbeddedStore } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { parseSettings } from "./settings.ts";

const log = createLogger({ level: "silent", node: "test" });
const settings = parseSettings({});
const prefix = `personal-${newId()}`;
const stops: (() => PromiseLike<void>)[] = [];
let shared: {
  store: Awaited<ReturnType<typeof createEmbeddedStore>>;
  keys: Awaited<ReturnType<typeof readSigningKeys>>;
};

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-personal-"));
  stops.push(() => rm(directory, { recursive: true }));
  await ensureSigningKeys(join(directory, "keys.json"));
  const store = await createEmbeddedStore({ image: inject("storeImage") });
  stops.push(() => store[Symbol.asyncDispose]());
  await store.migrate();
  shared = { store, keys: await readSigningKeys(join(directory, "keys.json")) };
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** What a process of a cluster stands on, with connections to Redis of its own. */
function openProcess() {
  const broker = createRedisBroker({ url: inject("redisUrl"), prefix, shards: 1, log, backlogMaxEvents: 1_000 });
  const acceptor = createAcceptor({ broker, beginEpoch: shared.store.rooms.beginEpoch });
  stops.push(() => broker[Symbol.asyncDispose]());
  return { ...shared, broker, acceptor, settings, metrics: createMetrics(), log };
}

function openApi() {
  const parts = openProcess();
  const api = createApi({ ...parts, history: createHistory(parts.broker, shared.store.events.page) });
  stops.push(() => api.close());
  return async <Answer>(method: string, path: string, token: string, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await api.handler(new Request(`http://host/api/v1${path}`, init), "192.0.2.1");
    return (response.status === 204 ? null : await response.json()) as Answer;
  };
}

async function openGateway(): Promise<string> {
  const handler = () => new Response("not found", { status: 404 });
  const host = createHttpHost({ handler, bodyMaxBytes: BODY_MAX_BYTES, trustedProxies: [], log });
  const gateway = createGateway({ ...openProcess(), app: host.app, node: "gateway" });
  const port = await host.listen("127.0.0.1", 0);
  stops.push(async () => {
    await gateway.stop();
    host.close();
  });
  return `ws://127.0.0.1:${port}${WEBSOCKET_PATH}`;
}

/** Resolves with the type of the first answer; `closed` with the code of the close. */
function connect(url: string, token: string) {
  const socket = new WebSocket(url, "hubbub.v1");
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  const answered = new Promise<string>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("message", (data) => resolve((JSON.parse(String(data)) as { type: string }).type));
    socket.once("open", () => socket.send(JSON.stringify({ type: "hello", ref: 1, token })));
  });
  return { answered, closed };
}

test("a personal token lets a bot in at a gateway, and its revocation at another process puts it out", async () => {
  const [one, two] = [openApi(), openApi()];
  const gateway = await openGateway();
  const body = { username: "ada", password: "tea at half past four" };
  const { accessToken } = await one<Tokens>("POST", "/auth/signup", "", body);
  const asked = { name: "bot", scopes: ["read"] };
  const { id, token } = await one<{ id: string; token: string }>("POST", "/me/tokens", accessToken, asked);
  const access = await two<ScopedAccess>("POST", "/auth/token", token);
  const bot = connect(gateway, access.accessToken);
  expect(await bot.answered).toBe("ready");
  const owner = connect(gateway, accessToken);
  expect(await owner.answered).toBe("ready");
  await two("DELETE", `/me/tokens/${id}`, accessToken);
  expect(await bot.closed).toBe(CLOSE.sessionRevoked);
  const late = connect(gateway, access.accessToken);
  expect(await late.answered).toBe("error");
  expect(await one("POST", "/auth/token", token)).toMatchObject({ code: "bad_token" });
  expect(await one("GET", "/me", accessToken)).toMatchObject({ user: { username: "ada" } });
}, 60_000);
