import { join } from "node:path";
import {
  type Broker,
  checkRedis,
  createMemoryBroker,
  createRedisBroker,
  type RedisBrokerOptions,
} from "@hubbub/broker";
import { ensureSigningKeys, type Logger } from "@hubbub/runtime";
import { createEmbeddedStore, createPostgresStore, type EmbeddedStore, type Store } from "@hubbub/store";
import { announce } from "./announce.ts";
import { lockDirectory } from "./directory-lock.ts";
import { assertSecret, openDataDirectory, openPrivateDirectory } from "./private-files.ts";
import { ensureSecretKeys } from "./secret-keys.ts";
import type { Settings } from "./settings.ts";

/** What the roles stand on. */
export interface Parts {
  readonly broker: Broker;
  readonly store: Store;
  /** The same store, when everything is in this process: it can be copied. */
  readonly embedded: EmbeddedStore | undefined;
  /** The data directory, when everything is kept in one. */
  readonly directory: string | undefined;
  /** undefined: a writer alone, which checks no token. */
  readonly keysFile: string | undefined;
  /** What encrypts the secrets in the store. */
  readonly secretKeys: Settings["SECRET_KEYS"];
  /** In which the keys of Redis are; undefined: everything is in one process. */
  readonly generation: number | undefined;
  close(): Promise<void>;
}

/** One process: the log in memory, Postgres in process, everything kept in DATA_DIR. */
export async function createEmbeddedParts(settings: Settings): Promise<Parts> {
  const directory = settings.DATA_DIR;
  await openDataDirectory(directory);
  const unlock = await lockDirectory(directory);
  const keysFile = settings.AUTH_KEYS_FILE ?? join(directory, "keys.json");
  await ensureSigningKeys(keysFile);
  await assertSecret("AUTH_KEYS_FILE", keysFile);
  const given = settings.SECRET_KEYS;
  const secretKeys = given.length > 0 ? given : await ensureSecretKeys(join(directory, "secret-keys"));
  const dataDir = join(directory, "postgres");
  await openPrivateDirectory(dataDir);
  const store = await createEmbeddedStore({ dataDir });
  await store.migrate();
  const broker = createMemoryBroker({
    shards: 1,
    backlogMaxEvents: settings.BACKLOG_MAX_EVENTS,
    backlogMaxBytes: settings.BACKLOG_MAX_BYTES,
    tailMaxBytes: settings.TAIL_MAX_BYTES,
    tailsMaxBytes: settings.TAILS_MAX_BYTES,
    durableAccept: true,
  });
  return {
    broker,
    store,
    embedded: store,
    directory,
    keysFile,
    secretKeys,
    generation: undefined,
    async close() {
      await broker[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await unlock();
    },
  };
}

/** One process of a cluster. @throws SchemaMismatch when the migrations have not run; ShardsMismatch */
export async function createClusterParts(settings: Settings, log: Logger): Promise<Parts> {
  const { REDIS_URL, DATABASE_URL } = settings;
  if (REDIS_URL === undefined || DATABASE_URL === undefined) throw new TypeError("a cluster needs both URLs");
  if (settings.AUTH_KEYS_FILE !== undefined) await assertSecret("AUTH_KEYS_FILE", settings.AUTH_KEYS_FILE);
  const store = createClusterStore(settings, DATABASE_URL);
  const { generation, announced } = await joinCluster(store, settings, REDIS_URL, log);
  const broker = createClusterBroker(settings, REDIS_URL, generation, log);
  return {
    broker,
    store,
    embedded: undefined,
    directory: undefined,
    keysFile: settings.AUTH_KEYS_FILE,
    secretKeys: settings.SECRET_KEYS,
    generation,
    async close() {
      await broker[Symbol.asyncDispose]();
      await announced.leave();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Announced last: a process that cannot start holds up no migration. */
async function joinCluster(store: Store, settings: Settings, redisUrl: string, log: Logger) {
  try {
    await store.assertSchema();
    const { generation } = await store.cluster.agree(settings.SHARDS);
    await checkRedis(redisUrl, settings.REDIS_PREFIX, generation);
    return { generation, announced: await announce(store, settings, log) };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** Connects in the background. */
export function createClusterBroker(
  settings: Settings,
  url: string,
  generation: number,
  log: RedisBrokerOptions["log"],
): Broker {
  return createRedisBroker({
    url,
    prefix: settings.REDIS_PREFIX,
    shards: settings.SHARDS,
    generation,
    backlogMaxEvents: settings.BACKLOG_MAX_EVENTS,
    backlogMaxBytes: settings.BACKLOG_MAX_BYTES,
    replayWindowMs: settings.REPLAY_WINDOW_MS,
    replayMaxEvents: settings.REPLAY_MAX_EVENTS,
    replayMaxBytes: settings.REPLAY_MAX_BYTES,
    tailEvents: settings.TAIL_EVENTS,
    tailMaxBytes: settings.TAIL_MAX_BYTES,
    log,
  });
}

export function createClusterStore(settings: Settings, url: string): Store {
  return createPostgresStore({
    url,
    poolMax: settings.DATABASE_POOL_MAX,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    applicationName: settings.NODE_NAME,
    writerCommit: settings.DURABLE === "replica" ? "on" : "local",
    migrationPatience: { onHeld: (sentence) => void process.stderr.write(`${sentence}\n`) },
  });
}
