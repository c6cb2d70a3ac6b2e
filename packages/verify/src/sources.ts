import { createRedisInspection, EPOCH_JUMP } from "@hubbub/broker";
import { openEmbedded, openPostgres } from "@hubbub/store/sql";
import { type Audit, createAudit } from "./audit.ts";
import { Authors } from "./authors.ts";
import { gentle } from "./pacing.ts";
import type { Sources } from "./room-look.ts";

export type OpenSources = Sources & AsyncDisposable;

export interface ClusterSources {
  readonly databaseUrl: string;
  readonly statementTimeoutMs: number;
  readonly redisUrl: string;
  /** Of the keys in Redis. */
  readonly prefix: string;
  readonly shards: number;
}

/** One read at a time; one more connection, so that a reconnect delays nothing. */
const POOL_MAX = 2;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Postgres and the present generation of the log. */
export async function openClusterSources(options: ClusterSources): Promise<OpenSources> {
  const { databaseUrl, statementTimeoutMs, redisUrl, prefix, shards } = options;
  const audit = createAudit(
    openPostgres({ url: databaseUrl, poolMax: POOL_MAX, statementTimeoutMs, applicationName: "hubbub-verify" }),
  );
  const generation = await generationOf(audit);
  const log = createRedisInspection({ url: redisUrl, prefix, shards, generation, log: SILENT });
  const close = async () => {
    await log[Symbol.asyncDispose]();
    await audit[Symbol.asyncDispose]();
  };
  return toSources(gentle(audit), log, close, EPOCH_JUMP);
}

/** The rows that a cluster left in Postgres, before anything runs on them: nobody is held up by what is read. */
export function openRows(url: string, statementTimeoutMs: number): OpenSources {
  const audit = createAudit(
    openPostgres({ url, poolMax: POOL_MAX, statementTimeoutMs, applicationName: "hubbub-verify" }),
  );
  return toSources(audit, null, () => audit[Symbol.asyncDispose](), EPOCH_JUMP);
}

/** The rows alone: an embedded server has no log. The caller holds the lock of the directory. */
export async function openEmbeddedSources(dataDir: string): Promise<OpenSources> {
  const audit = createAudit(await openEmbedded({ dataDir }));
  return toSources(audit, null, () => audit[Symbol.asyncDispose](), 0);
}

async function generationOf(audit: Audit): Promise<number> {
  try {
    return await audit.generation();
  } catch (error) {
    await audit[Symbol.asyncDispose]();
    throw error;
  }
}

function toSources(audit: Audit, log: Sources["log"], close: () => PromiseLike<void>, epochJump: number): OpenSources {
  return { audit, log, epochJump, authors: new Authors(audit), [Symbol.asyncDispose]: close };
}
