import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "./paths.ts";
import type { NginxService } from "./services/nginx.ts";
import type { PostgresService } from "./services/postgres.ts";
import type { RedisService } from "./services/redis.ts";
import { run } from "./services/run.ts";

/** The built server of a checkout: `npm run build` makes it. */
export function serverMainOf(checkout: string): string {
  return join(checkout, "packages/server/dist/main.js");
}

/** That of this checkout. */
export const serverMain = serverMainOf(repositoryRoot);

export interface ClusterParts {
  /** Of the cluster's files. */
  readonly directory: string;
  readonly front: NginxService;
  readonly redis: RedisService;
  readonly postgres: PostgresService;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whose build makes the schema and the keys. */
  readonly checkout?: string | undefined;
}

export type ClusterEnv = NodeJS.ProcessEnv & { readonly REDIS_URL: string; readonly DATABASE_URL: string };

/** Holds the URLs of Redis and Postgres with their passwords, for the account that runs the cluster alone. */
export function secretsFile(directory: string): string {
  return join(directory, "urls.env");
}

/** Makes the database and its schema and the signing keys; answers what all processes of the cluster have in common. */
export async function prepareEnv(parts: ClusterParts): Promise<ClusterEnv> {
  const { directory, front, redis, postgres, checkout } = parts;
  const keysFile = join(directory, "keys.json");
  const env = {
    ...process.env,
    HOST: "127.0.0.1",
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createOwnDatabase("hubbub"),
    AUTH_KEYS_FILE: keysFile,
    FILES_DIR: join(directory, "files"),
    // Below the 75 s after which nginx gives a silent upstream up.
    IDLE_TIMEOUT_SECONDS: "60",
    TRUSTED_PROXIES: "127.0.0.1",
    ALLOWED_ORIGINS: `http://127.0.0.1:${front.port},http://localhost:${front.port}`,
    ...parts.env,
  };
  const secrets = `REDIS_URL=${env.REDIS_URL}\nDATABASE_URL=${env.DATABASE_URL}\n`;
  await writeFile(secretsFile(directory), secrets, { mode: 0o600 });
  await runCommand(env, ["migrate"], checkout);
  await runCommand(env, ["keys", keysFile], checkout);
  return env;
}

/** A restore of ten million events on a busy machine. */
const COMMAND_MS = 1_800_000;

/** A command of the server, run to its end; answers its stdout. @throws with its stderr when it fails */
export function runCommand(env: ClusterEnv, args: readonly string[], checkout = repositoryRoot): Promise<string> {
  // Roles are needed to pass the configuration check; the port of a command that serves nothing is of no matter.
  const options = { env: { ...env, ROLES: "writer" }, cwd: checkout, timeoutMs: COMMAND_MS };
  return run(process.execPath, ["--enable-source-maps", serverMainOf(checkout), ...args], options);
}
