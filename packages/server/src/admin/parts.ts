import { existsSync } from "node:fs";
import { join } from "node:path";
import { announceRevoked } from "@hubbub/api";
import { type Broker, BrokerUnavailable, type ControlMessage } from "@hubbub/broker";
import type { PublicUser, SessionId } from "@hubbub/protocol";
import { ConfigError } from "@hubbub/runtime";
import { createEmbeddedStore, SchemaMismatch, type Store } from "@hubbub/store";
import { DirectoryInUse, lockDirectory } from "../directory-lock.ts";
import { createClusterBroker, createClusterStore } from "../parts.ts";
import type { Settings } from "../settings.ts";
import { announceStored } from "./announce.ts";
import { AdminRefused } from "./refused.ts";

/** What the commands work on. */
export interface AdminParts extends AsyncDisposable {
  readonly store: Store;
  readonly teller: Teller;
}

/** Tells gateways of what was committed. Answers false when Redis is away: they learn it when it is back. */
export interface Teller {
  /** Connects, so that nobody waits for that after the commit. */
  connect(): Promise<boolean>;
  revoked(sessions: readonly SessionId[]): Promise<boolean>;
  tell(message: ControlMessage): Promise<boolean>;
  /** Resolves to the seq of the announcement, once it is stored. @throws AdminRefused */
  announce(by: PublicUser, text: string): Promise<number>;
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** @throws ConfigError, AdminRefused, SchemaMismatch */
export async function openAdminParts(settings: Settings): Promise<AdminParts> {
  const { REDIS_URL, DATABASE_URL } = settings;
  if (REDIS_URL === undefined && DATABASE_URL === undefined) return await openDirectory(settings.DATA_DIR);
  if (REDIS_URL === undefined || DATABASE_URL === undefined)
    throw new ConfigError(["set both REDIS_URL and DATABASE_URL, as the processes of the cluster have them"]);
  const store = createClusterStore(settings, DATABASE_URL);
  try {
    await store.assertSchema();
    const broker = createClusterBroker(settings, REDIS_URL, await store.cluster.generation(), SILENT);
    return {
      store,
      teller: createTeller(store, broker),
      async [Symbol.asyncDispose]() {
        await broker[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

export function createTeller(store: Store, broker: Broker): Teller {
  return {
    connect: () => orAway(broker.ping()),
    tell: (message) => orAway(broker.publishControl(message)),
    announce: (by, text) => announceStored({ store, broker }, by, text),
    revoked: (sessions) =>
      orAway(
        (async () => {
          for (const session of sessions) await announceRevoked(broker, session);
          await store.sessions.setTold(sessions);
        })(),
      ),
  };
}

async function orAway(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof BrokerUnavailable) return false;
    throw error;
  }
}

/** No gateway runs, so nobody is to be told: a server that starts later reads the rows. */
const NOBODY: Teller = {
  connect: async () => true,
  tell: async () => true,
  revoked: async () => true,
  async announce() {
    throw new AdminRefused("start the server, and announce as an admin with POST /api/v1/admin/announcements");
  },
};

async function openDirectory(directory: string): Promise<AdminParts> {
  const dataDir = join(directory, "postgres");
  if (!existsSync(dataDir))
    throw new ConfigError([
      `there is nothing in ${directory}: set REDIS_URL and DATABASE_URL for a cluster, DATA_DIR for a server of one process`,
    ]);
  const unlock = await lockDirectory(directory).catch((error: unknown) => {
    if (!(error instanceof DirectoryInUse) || error.holder === undefined) throw error;
    throw new AdminRefused(
      `${directory} is held by ${error.holder}. A server that runs keeps its directory for itself: stop it, repeat this command, and start it again. While it runs, people with a server role use /api/v1/admin`,
    );
  });
  const store = await createEmbeddedStore({ dataDir });
  const close = async () => {
    await store[Symbol.asyncDispose]();
    await unlock();
  };
  try {
    await store.assertSchema();
  } catch (error) {
    await close();
    if (!(error instanceof SchemaMismatch)) throw error;
    throw new AdminRefused(`${directory} was written by another build: start the server of this build there once`);
  }
  return { store, teller: NOBODY, [Symbol.asyncDispose]: close };
}
