import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@hubbub/api";
import { createAcceptor, createHistory, createRedisBroker } from "@hubbub/broker";
import { createGateway } from "@hubbub/gateway";
import { BODY_MAX_BYTES, newId, type SessionId, WEBSOCKET_PATH } from "@hubbub/protocol";
import { createHttpHost, createLogger, createMetrics, ensureSigningKeys, readSigningKeys } from "@hubbub/runtime";
import { createEmbeddedStore } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { parseSettings } from "./settings.ts";

/** Publishes of a user in a second, over everything. */
const RATE = 20;
const SECONDS = 8;
const PAUSE_MS = 10;
const settings = parseSettings({ PUBLISHES_PER_SECOND_PER_USER: `${RATE}`, PUBLISHES_PER_SECOND: "1000" });
const log = createLogger({ level: "silent", node: "test" });
const prefix = `budget-${newId()}`;

let directory: string;
let store: Awaited<ReturnType<typeof createEmbeddedStore>>;
let keys: Awaited<ReturnType<typeof readSigningKeys>>;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-budget-"));
  await ensureSigningKeys(join(directory, "keys.json"));
  keys = await readSigningKeys(join(directory, "keys.json"));
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** What a process of a cluster stands on, with connections to Redis of its own. */
function openProcess() {
  const broker = createRedisBroker({ url: inject("redisUrl"), prefix, shards: 1, log, backlogMaxEvents: 100_000 });
  const acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
  stops.push(async () => broker[Symbol.asyncDispose]());
  return { broker, acceptor, store, keys, settings, metrics: createMetrics(), log };
}

function openApi() {
  const parts = openProcess();
  const api = createApi({ ...parts, history: createHistory(parts.broker, store.events.page) });
  stops.push(() => api.close());
  return async (path: string, token: string, body: object): Promise<boolean> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await api.handler(new Request(`http://host/api/v1${path}`, init), "192.0.2.1")).status === 201;
  };
}

async function openGateway() {
  const host = createHttpHost({
    handler: () => new Response("not found", { status: 404 }),
    bodyMaxBytes: BODY_MAX_BYTES,
    trustedProxies: [],
    log,
  });
  const gateway = createGateway({ ...openProcess(), app: host.app, node: "gateway" });
  const port = await host.listen("127.0.0.1", 0);
  stops.push(async () => {
    await gateway.stop();
    host.close();
  });
  return `ws://127.0.0.1:${port}${WEBSOCKET_PATH}`;
}

/** A connection that publishes until `isOver`; resolves to the number of its acks. */
function publishOverWebSocket(url: string, token: string, room: string, isOver: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let acks = 0;
    const socket = new WebSocket(url, "hubbub.v1");
    socket.onerror = ({ error }) => reject(error);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ref: 0, token }));
    socket.onmessage = ({ data }) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === "ack") acks += 1;
      if (isOver()) {
        socket.onclose = () => resolve(acks);
        socket.close();
      } else if (type === "ack" || type === "ready" || type === "error") {
        const frame = { type: "publish", ref: 1, room, id: newId(), text: "x" };
        setTimeout(() => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame)), PAUSE_MS);
      }
    };
  });
}

test("G8 one user has one rate over two apis and a gateway, by HTTP and by WebSocket", async () => {
  const user = await store.users.create({ username: "ada", passwordHash: null });
  const token = await keys.sign({ sub: user.id, sid: newId<SessionId>(), name: user.username }, 600);
  const room = await store.rooms.create({ name: "tea", visibility: "public", topic: "", createdBy: user.id });
  const apis = [openApi(), openApi()];
  const gateway = await openGateway();
  const endsAt = performance.now() + SECONDS * 1_000;
  const isOver = () => performance.now() >= endsAt;
  const posting = apis.map(async (post) => {
    let taken = 0;
    while (!isOver()) if (await post(`/rooms/${room.id}/messages`, token, { id: newId(), text: "x" })) taken += 1;
    return taken;
  });
  const taken = await Promise.all([...posting, publishOverWebSocket(gateway, token, room.id, isOver)]);
  const sum = taken.reduce((one, other) => one + other, 0);
  // Three rates apart would be three times as many; what is over the sum is bursts, and what was not reported yet.
  expect(sum).toBeLessThan(2.3 * RATE * SECONDS);
  expect(sum).toBeGreaterThan(0.5 * RATE * SECONDS);
  for (const count of taken) expect(count).toBeGreaterThan(0);
}, 60_000);
