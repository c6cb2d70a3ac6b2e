import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@hubbub/api";
import { createAcceptor, createHistory, createRedisBroker } from "@hubbub/broker";
import { createGateway } from "@hubbub/gateway";
import { BODY_MAX_BYTES, newId, type RoomEvent, type Tokens, WEBSOCKET_PATH } from "@hubbub/protocol";
import { createHttpHost, createLogger, createMetrics, ensureSigningKeys, readSigningKeys } from "@hubbub/runtime";
import { createEmbeddedStore } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { parseSettings } from "./settings.ts";

const log = createLogger({ level: "silent", node: "test" });
const settings = parseSettings({});
const prefix = `hooks-${newId()}`;
const stops: (() => PromiseLike<void>)[] = [];
let shared: {
  store: Awaited<ReturnType<typeof createEmbeddedStore>>;
  keys: Awaited<ReturnType<typeof readSigningKeys>>;
};

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-hooks-"));
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

/** A node of a cluster: gateway and api on one port, with connections to Redis of its own. */
async function openNode(node: string) {
  const broker = createRedisBroker({ url: inject("redisUrl"), prefix, shards: 1, log, backlogMaxEvents: 1_000 });
  const acceptor = createAcceptor({ broker, beginEpoch: shared.store.rooms.beginEpoch });
  const parts = { ...shared, broker, acceptor, settings, metrics: createMetrics(), log };
  const api = createApi({ ...parts, history: createHistory(broker, shared.store.events.page) });
  const host = createHttpHost({ handler: api.handler, bodyMaxBytes: BODY_MAX_BYTES, trustedProxies: [], log });
  const gateway = createGateway({ ...parts, app: host.app, node });
  const port = await host.listen("127.0.0.1", 0);
  stops.push(async () => {
    await gateway.stop();
    await api.close();
    host.close();
    await broker[Symbol.asyncDispose]();
  });
  const call = async <Answer>(path: string, token: string, body: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await (await fetch(`http://127.0.0.1:${port}/api/v1${path}`, init)).json()) as Answer;
  };
  return { call, origin: `http://127.0.0.1:${port}`, socket: `ws://127.0.0.1:${port}${WEBSOCKET_PATH}` };
}

/** Subscribes to the room, and keeps its messages. */
async function read(url: string, token: string, room: string): Promise<RoomEvent[]> {
  const socket = new WebSocket(url, "hubbub.v1");
  stops.push(async () => socket.terminate());
  const messages: RoomEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("open", () => socket.send(JSON.stringify({ type: "hello", ref: 1, token })));
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as RoomEvent | { readonly type: "ready" | "subscribed" };
      if (frame.type === "ready") socket.send(JSON.stringify({ type: "subscribe", ref: 2, room }));
      if (frame.type === "subscribed") resolve();
      if (frame.type === "event" && frame.kind === "message") messages.push(frame);
    });
  });
  return messages;
}

test("what a hook posts at one node is delivered at two gateways, with the bot as its author", async () => {
  const [left, right] = [await openNode("left"), await openNode("right")];
  const person = { username: "ada", password: "tea at half past four" };
  const { accessToken } = await left.call<Tokens>("/auth/signup", "", person);
  const { user: bot } = await left.call<{ user: { id: string } }>("/bots", accessToken, { username: "robot" });
  const { id: room } = await left.call<{ id: string }>("/rooms", accessToken, {
    name: "builds",
    visibility: "private",
  });
  const { path } = await left.call<{ path: string }>(`/rooms/${room}/hooks`, accessToken, { bot: bot.id });
  const readers = [await read(left.socket, accessToken, room), await read(right.socket, accessToken, room)];
  const post = (origin: string, text: string) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": text },
      body: JSON.stringify({ text }),
    });
  expect((await post(left.origin, "from the left")).status).toBe(200);
  expect((await post(right.origin, "from the right")).status).toBe(200);
  // The sender repeats it at the other node.
  expect(await (await post(right.origin, "from the left")).json()).toMatchObject({ duplicate: true });
  const expected = ["from the left", "from the right"].map((text) => ({ text, by: { username: "robot", bot: true } }));
  for (const messages of readers) await expect.poll(() => messages).toMatchObject(expected);
  for (const messages of readers) expect(messages).toHaveLength(2);
}, 60_000);
