import { existsSync } from "node:fs";
import { join } from "node:path";
import { FACTS, type Facts, type Live, NEWER, type Newer, withPostgres } from "@hubbub/backup";
import { BrokerUnavailable, createRedisInspection, newestGeneration } from "@hubbub/broker";
import { ConfigError } from "@hubbub/runtime";
import { type Database, NoPrimary, openEmbedded } from "@hubbub/store/sql";
import { lockDirectory } from "../directory-lock.ts";
import { createClusterStore } from "../parts.ts";
import type { Settings } from "../settings.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PAGE = 1_000;
/** `NEWER` reads all events. */
const NEWER_TIMEOUT_MS = 3_600_000;
/** Nothing answers there. A database that is busy, starts or is full answers with other errors. */
const LOST: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ETIMEDOUT"]);

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
 * cannot be reached is lost, as far as anybody knows.
 */
export async function assertStopped(settings: Settings, discardNewer: boolean): Promise<void> {
  const { DATABASE_URL: url, REDIS_URL } = settings;
  if (url === undefined || REDIS_URL === undefined) return;
  const store = createClusterStore(settings, url);
  const asked = store.cluster.writersAlive().catch((error: unknown) => (discardNewer ? null : orLost(error)));
  const alive = (await asked.finally(() => store[Symbol.asyncDispose]())) ?? [];
  if (alive.length > 0)
    throw new ConfigError([
      `${alive.length} writers have a lease (${alive.join(", ")}): stop every process first, or unset REDIS_URL to try a backup beside a cluster that runs`,
    ]);
}

/**
 * What Postgres and Redis have behind a time. A Postgres that cannot be reached is lost, as far as anybody knows. @throws ConfigError
 * when one of them cannot be asked otherwise
 */
export async function liveCluster(
  settings: Settings,
  databaseUrl: string,
  { to, keepLog }: { readonly to: Date; readonly keepLog: boolean },
) {
  const look = (database: Database) => lookAt(database, "DATABASE_URL", to);
  const live = await withPostgres(databaseUrl, look, NEWER_TIMEOUT_MS).catch(orLost);
  const inLog = keepLog || live !== null ? null : await newerInLog(settings, to).catch(logFault);
  return { live, inLog };
}

/** null: nothing answers. @throws ConfigError */
function orLost(error: unknown): null {
  if (isLost(error)) return null;
  throw new ConfigError([
    `DATABASE_URL could not be asked what runs and what is newer (${innermost(error)}): repeat the command when it answers; if it is lost, --discard-newer restores all the same`,
  ]);
}

/** Adopting needs Redis too, whether it is empty or not. */
function logFault(error: unknown): never {
  if (!(error instanceof BrokerUnavailable)) throw error;
  throw new ConfigError([
    `REDIS_URL could not be asked what is newer (${innermost(error)}): start it, empty too, or unset REDIS_URL to restore without it`,
  ]);
}

/** None of its hosts can be reached. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NoPrimary) return error.codes.length > 0 && error.codes.every((code) => LOST.has(code));
  return ("code" in error && LOST.has(String(error.code))) || isLost(error.cause);
}

/** The driver says why below the statement that failed. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
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
