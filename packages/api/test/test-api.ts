import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, type ControlMessage, createAcceptor, createHistory, createMemoryBroker } from "@hubbub/broker";
import { createLocalStorage, type FileStorage } from "@hubbub/files";
import {
  HTTP_PREFIX,
  type PublicUser,
  type Room,
  type RoomEvent,
  type SessionId,
  type Tokens,
  type Visibility,
} from "@hubbub/protocol";
import {
  createLogger,
  createMetrics,
  ensureSigningKeys,
  type HttpHandler,
  type Logger,
  type Metrics,
  parseEnv,
  readSigningKeys,
  type SigningKeys,
} from "@hubbub/runtime";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import type { JWK } from "jose";
import { inject } from "vitest";
import { type Api, createApi } from "../src/api.ts";
import { apiSettings } from "../src/settings.ts";
import { undocumented } from "./documented.ts";

/** What lies behind the api in tests: a real store and a real log, both in memory. */
export interface World extends AsyncDisposable {
  readonly store: Store;
  readonly broker: Broker;
  readonly keys: SigningKeys;
  /** Of files, in a folder of its own. */
  readonly storage: FileStorage;
  readonly storageFolder: string;
  /** The signing keys as they lie on disk. */
  readonly jwk: JWK;
  /** What gateways were told, oldest first. */
  readonly controls: ControlMessage[];
  /** Does what a writer does: stores all events of the log, and publishes the marks. */
  commit(): Promise<void>;
}

/** `given`: parts to use instead of those in memory; disposing closes them as well. */
export async function openWorld(given: Partial<Pick<World, "store" | "broker">> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-api-"));
  const file = join(folder, "keys.json");
  await ensureSigningKeys(file);
  const { keys } = JSON.parse(await readFile(file, "utf8")) as { keys: [JWK] };
  const store = given.store ?? (await createEmbeddedStore({ image: inject("storeImage") }));
  await store.migrate();
  const broker = given.broker ?? createMemoryBroker({ shards: 4, backlogMaxEvents: 300, durableAccept: false });
  const controls: ControlMessage[] = [];
  broker.listen({
    deliver: () => undefined,
    control: (message) => controls.push(message),
    interrupted: () => undefined,
  });
  const storageFolder = join(folder, "files");
  return {
    store,
    broker,
    storage: await createLocalStorage({ directory: storageFolder }),
    storageFolder,
    keys: await readSigningKeys(file),
    jwk: keys[0],
    controls,
    commit: () => commit(store, broker),
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function commit(store: Store, broker: Broker): Promise<void> {
  for (let shard = 0; shard < broker.shards; shard += 1) {
    const lease = await store.shards.acquire(shard, "test", 60_000);
    if (lease === null) throw new Error("somebody else writes");
    await using log = await broker.openLog(shard);
    const entries = await log.read(lease.offset, 10_000, 0);
    const events = entries.map(({ frame }) => JSON.parse(frame) as RoomEvent);
    const offset = entries.at(-1)?.offset ?? lease.offset;
    const emptied = await store.events.append({ lease, offset, events });
    await broker.publishMarks(shard, [...new Map(events.map(({ room, seq }) => [room, { room, seq }])).values()]);
    await broker.forget(
      shard,
      emptied.map((room) => ({ ...room, stored: events.findLast((event) => event.room === room.room)?.seq ?? 0 })),
    );
    if (offset !== "") await log.trim(offset);
    await store.shards.release("test", { ...lease, offset });
  }
}

interface Call {
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** One api in front of a world, as its callers see it. */
export class TestApi {
  readonly metrics: Metrics = createMetrics();
  readonly #api: Api;
  #people = 0;
  #rooms = 0;

  constructor(
    world: Omit<World, "storage"> & { readonly storage: FileStorage | undefined },
    env: Record<string, string> = {},
    publicDir?: string,
    log: Logger = createLogger({ level: "silent", node: "test" }),
  ) {
    const { store, broker, keys, storage } = world;
    const acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
    const history = createHistory(broker, store.events.page);
    const settings = parseEnv(apiSettings, { PUBLISHES_PER_SECOND_PER_USER: "10000", ...env });
    const { metrics } = this;
    this.#api = createApi({ store, broker, storage, acceptor, history, keys, settings, publicDir, log, metrics });
  }

  /** @throws when the answer is not in the OpenAPI document */
  async fetch(path: string, init: RequestInit = {}, address = "192.0.2.1"): Promise<Response> {
    const response = await this.#api.handler(new Request(`http://host${path}`, init), address);
    const faults = await undocumented(init.method ?? "GET", path.split("?", 1)[0] ?? "", response);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return response;
  }

  /** For a host in front of it. */
  get handler(): HttpHandler {
    return this.#api.handler;
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  async call<Body = unknown>(method: string, path: string, call: Call = {}): Promise<Answer<Body>> {
    const { token, body, headers, address } = call;
    const init: RequestInit = {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await this.fetch(HTTP_PREFIX + path, init, address);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? null : JSON.parse(text)) as Body,
    };
  }

  /** A guest, which costs no hash. */
  async guest(): Promise<Person> {
    return toPerson((await this.call<Tokens>("POST", "/auth/guest", { body: {} })).body);
  }

  async signup(password = "correct horse"): Promise<Person> {
    this.#people += 1;
    const body = { username: `user${this.#people}-${Date.now().toString(36)}`, password };
    return toPerson((await this.call<Tokens>("POST", "/auth/signup", { body })).body);
  }

  async room(owner: Person, visibility: Visibility = "public"): Promise<Room> {
    this.#rooms += 1;
    const body = { name: `room ${this.#rooms} ${owner.user.id}`, visibility };
    return (await this.call<Room>("POST", "/rooms", { token: owner.token, body })).body;
  }

  async session(token: string): Promise<SessionId> {
    return (await this.call<{ sessionId: SessionId }>("GET", "/me", { token })).body.sessionId;
  }
}

export interface Person {
  readonly user: PublicUser;
  readonly token: string;
  readonly refreshToken: string;
}

export function toPerson({ user, accessToken, refreshToken }: Tokens): Person {
  return { user, token: accessToken, refreshToken };
}
