import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Acceptor, type Broker, createAcceptor, createMemoryBroker } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  newId,
  type PublicUser,
  type RoomId,
  type SessionId,
  WEBSOCKET_PATH,
} from "@hubbub/protocol";
import {
  createHttpHost,
  createLogger,
  createMetrics,
  ensureSigningKeys,
  type Logger,
  parseEnv,
  readSigningKeys,
  type SigningKeys,
} from "@hubbub/runtime";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, inject } from "vitest";
import { gatewaySettings } from "../src/config.ts";
import { createGateway, type Gateway } from "../src/gateway.ts";
import { TestClient } from "./test-client.ts";

/** What gateways share: the store, the keys and the people in them. Made once per test file, for it takes seconds. */
export interface World extends AsyncDisposable {
  readonly store: Store;
  readonly keys: SigningKeys;
  user(): Promise<TestUser>;
  room(owner: TestUser, ...members: readonly TestUser[]): Promise<RoomId>;
}

export interface TestUser extends PublicUser {
  readonly session: SessionId;
  token(ttlSeconds?: number): Promise<string>;
}

export async function createWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "gateway-"));
  const file = join(directory, "keys.json");
  await ensureSigningKeys(file);
  const keys = await readSigningKeys(file);
  await rm(directory, { recursive: true });
  const store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
  let names = 0;
  return {
    store,
    keys,
    async user() {
      const user = await store.users.create({ username: `user${++names}`, passwordHash: null });
      const session = newId<SessionId>();
      const claims = { sub: user.id, sid: session, name: user.username };
      return { ...user, session, token: (ttlSeconds = 600) => keys.sign(claims, ttlSeconds) };
    },
    async room(owner, ...members) {
      const room = await store.rooms.create({
        name: `room ${newId()}`,
        visibility: "public",
        topic: "",
        createdBy: owner.id,
      });
      for (const member of members) await store.members.add(room.id, member.id, "member");
      return room.id;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** A world for the tests of one file, which ends behind the last of them. Await it at the top of the file. */
export async function openWorld(): Promise<World> {
  const world = await createWorld();
  afterAll(() => world[Symbol.asyncDispose]());
  return world;
}

/** `count` numbers, from 1 unless told otherwise. */
export const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_none, at) => at + from);

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly url: string;
  metrics(): Promise<string>;
  client(options?: ConstructorParameters<typeof TestClient>[1]): Promise<TestClient>;
  /** Connected, with an accepted hello. */
  as(user: TestUser): Promise<TestClient>;
}

/** Settings of a gateway that gathers frames whatever its load. */
export const ALWAYS_GATHERING = { GATHER_FROM_PERCENT: "0", GATHER_FULL_PERCENT: "0" };

export function memoryBroker(): Broker {
  return createMemoryBroker({ shards: 4, backlogMaxEvents: 100_000, durableAccept: false });
}

const UNHURRIED = {
  PUBLISHES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND_PER_USER: "10000",
  FRAMES_PER_SECOND: "10000",
};

/** `env` overrides settings; the broker ends with the gateway. */
export async function startTestGateway(
  { store, keys }: World,
  env: Record<string, string> = {},
  broker: Broker = memoryBroker(),
  log: Logger = createLogger({ level: "silent", node: "test" }),
): Promise<TestGateway> {
  const host = createHttpHost({
    handler: () => new Response("not found", { status: 404 }),
    bodyMaxBytes: 1_024,
    trustedProxies: [],
    log,
  });
  const acceptor = createAcceptor({ broker, beginEpoch: (...args) => store.rooms.beginEpoch(...args) });
  const settings = parseEnv(gatewaySettings, { ...UNHURRIED, ...env });
  const metrics = createMetrics();
  const gateway = createGateway({
    app: host.app,
    broker,
    acceptor,
    store,
    keys,
    settings,
    node: "test",
    metrics,
    log,
  });
  const url = `ws://127.0.0.1:${await host.listen("127.0.0.1", 0)}${WEBSOCKET_PATH}`;
  const clients: TestClient[] = [];
  const client: TestGateway["client"] = (options) => {
    const made = new TestClient(url, options);
    clients.push(made);
    return made.open();
  };
  return {
    gateway,
    broker,
    acceptor,
    url,
    metrics: () => metrics.text(),
    client,
    async as(user) {
      const made = await client();
      await made.ask({ type: "hello", token: await user.token() }, "ready");
      return made;
    },
    async [Symbol.asyncDispose]() {
      for (const made of clients) made.close();
      await gateway.stop();
      host.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

/** Messages that come from somewhere else in the cluster. */
export async function say(
  { acceptor }: TestGateway,
  room: RoomId,
  { id: user, username }: TestUser,
  count: number,
  text = "hello",
): Promise<void> {
  const accepts = Array.from({ length: count }, () => {
    const id = newId<EventId>();
    const body = encodeEventBody({ by: { id: user, username }, kind: "message", id, text });
    return acceptor.accept({ room, user, id, body });
  });
  await Promise.all(accepts);
}
