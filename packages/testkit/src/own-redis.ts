import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { openDataDirectory } from "./services/data-directory.ts";
import { startRedis } from "./services/redis.ts";

const RECONNECT_MS = 20;

/** A Redis of one test, which may lose its data. */
export interface OwnRedis {
  readonly url: string;
  /** A connection beside those under test. It outlives restarts. */
  readonly admin: Redis;
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Ends it without notice. */
  kill(): Promise<void>;
  /** Ends it in good order if it runs, and starts it with the data that it kept. */
  restart(): Promise<void>;
  /** Keeps a copy of its present data for `fallBack`. */
  dump(): Promise<void>;
  /** Kills it, and starts it with the data of the last `dump`. */
  fallBack(): Promise<void>;
}

/**
 * Keeps nothing over a restart, except with settings that say so: `"--appendonly", "yes"`.
 *
 * @param onTestFinished vitest's, which stops the server behind everything that the test registers later
 */
export async function startOwnRedis(
  onTestFinished: (close: () => Promise<void>) => void,
  ...settings: readonly string[]
): Promise<OwnRedis> {
  const directory = await openDataDirectory("own-redis", undefined);
  const service = await startRedis({ directory: directory.path, durable: false, settings });
  const admin = new Redis(service.url, { protocol: 2, retryStrategy: () => RECONNECT_MS });
  admin.on("error", () => undefined);
  onTestFinished(async () => {
    admin.disconnect();
    await service.stop();
    await directory.close();
  });
  const [now, then] = [join(directory.path, "dump.rdb"), join(directory.path, "older.rdb")];
  return {
    url: service.url,
    admin,
    signal: (signal) => service.signal(signal),
    kill: () => service.kill(),
    restart: () => service.restart(),
    async dump() {
      await admin.save();
      await copyFile(now, then);
    },
    async fallBack() {
      await service.kill();
      await copyFile(then, now);
      await service.restart();
    },
  };
}

/** Ends the connections of this name, as a failing network would. Returns their number. */
export async function killConnections({ admin }: Pick<OwnRedis, "admin">, name: string): Promise<number> {
  const clients = String(await admin.client("LIST")).split("\n");
  const ids = clients
    .filter((line) => line.includes(` name=${name} `))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");
  for (const id of ids) await admin.client("KILL", "ID", id);
  return ids.length;
}
