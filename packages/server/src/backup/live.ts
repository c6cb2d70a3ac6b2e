import { existsSync } from "node:fs";
import { join } from "node:path";
import { FACTS, type Facts, type Live, NEWER, type Newer, withPostgres } from "@hubbub/backup";
import { BrokerUnavailable, createRedisInspection, newestGeneration } from "@hubbub/broker";
import { ConfigError } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import { type Database, openEmbedded } from "@hubbub/store/sql";
import { lockDirectory } from "../directory-lock.ts";
import { createClusterStore } from "../parts.ts";
import type { Settings } from "../settings.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PAGE = 1_000;

/** null: there is nothing. @throws DirectoryInUse while a server runs there, because then nobody can tell what is newer */
export async function liveDirectory(directory: string, to: Date): Promise<Live | null> {
  const dataDir = join(directory, "postgres");
  if (!existsSync(dataDir)) return null;
  const unlock = await lockDirectory(directory);
  try {
    const database = await openEmbedded({ dataDir });
    try {
      return await lookAt(database, directory, to);
    } finally {
      await database.close();
    }
  } finally {
    await unlock();
  }
}

/**
 * Adopting closes the log in Redis, of which a cluster that runs lives. @throws ConfigError while writers have a lease. A Postgres that
 * is away is lost, as far as anybody knows.
 */
export async function assertStopped(settings: Settings): Promise<void> {
  const { DATABASE_URL: url, REDIS_URL } = settings;
  if (url === undefined || REDIS_URL === undefined) return;
  const store = createClusterStore(settings, url);
  const alive = (await store.cluster.writersAlive().catch(orNothing)) ?? [];
  await store[Symbol.asyncDispose]();
  if (alive.length > 0)
    throw new ConfigError([
      `${alive.length} writers have a lease (${alive.join(", ")}): stop every process first, or unset REDIS_URL to try a backup beside a cluster that runs`,
    ]);
}

/** What Postgres and Redis have behind a time. One that is away is lost, as far as anybody knows. */
export async function liveCluster(
  settings: Settings,
  databaseUrl: string,
  { to, keepLog }: { readonly to: Date; readonly keepLog: boolean },
) {
  const live = await withPostgres(databaseUrl, (database) => lookAt(database, "DATABASE_URL", to)).catch(orNothing);
  const inLog = keepLog || live !== null ? null : await newerInLog(settings, to).catch(orNothing);
  return { live, inLog };
}

function orNothing(error: unknown): null {
  if (isUnavailable(error) || error instanceof BrokerUnavailable) return null;
  throw error;
}

async function lookAt(database: Database, where: string, to: Date): Promise<Live | null> {
  const [facts] = await database.run<Facts>(FACTS, []);
  const [newer] = await database.run<Newer>(NEWER, [to.getTime()]);
  if (facts === undefined || newer === undefined) return null;
  return { where, cluster: facts.cluster, generation: facts.generation, newer };
}

/** Events that only Redis has, when Postgres is lost. null: there is no Redis. */
async function newerInLog({ REDIS_URL: url, REDIS_PREFIX: prefix, SHARDS: shards }: Settings, to: Date) {
  if (url === undefined) return null;
  const generation = await newestGeneration({ url, prefix, shards, log: SILENT });
  await using log = createRedisInspection({ url, prefix, shards, generation, log: SILENT });
  const found = { events: 0, newest: 0 };
  for (let shard = 0; shard < shards; shard += 1) {
    let after = "";
    for (;;) {
      const entries = await log.entries(shard, after, PAGE);
      for (const { frame } of entries) {
        const { at } = JSON.parse(frame) as { readonly at?: number };
        if (typeof at !== "number" || at <= to.getTime()) continue;
        found.events += 1;
        found.newest = Math.max(found.newest, at);
      }
      const last = entries.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
  }
  return found;
}
