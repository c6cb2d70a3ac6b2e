import { randomBytes } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { prepareEnv, runCommand } from "./cluster-env.ts";
import { startRole, waitUntilReady } from "./cluster-role.ts";
import { type Disposal, startAll } from "./disposal.ts";
import { openDataDirectory } from "./services/data-directory.ts";
import { type NginxService, startNginx } from "./services/nginx.ts";
import { type PostgresService, startPostgres } from "./services/postgres.ts";
import { type RedisService, startRedis } from "./services/redis.ts";
import type { Service } from "./services/service.ts";
import { type ClusterProcess, type SupervisionEvent, supervise } from "./supervised.ts";

export type ClusterEvent = SupervisionEvent | { readonly type: "progress"; readonly message: string };

export interface ClusterOptions {
  readonly gateways: number;
  readonly writers: number;
  /** Default 1. */
  readonly apis?: number | undefined;
  /** Default false: a process with the role `backup`, that keeps everything in `backups/` of the directory. */
  readonly takesBackups?: boolean | undefined;
  /** Of the front; any free one by default. */
  readonly port?: number | undefined;
  /** ZONE of the first process of each role, of the second one, and so on in turn. By default they are in none. */
  readonly zones?: readonly string[] | undefined;
  /** Settings of the server processes, over what the cluster sets itself. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where data, keys and logs live; a temporary directory by default. */
  readonly directory?: string | undefined;
  /** A Redis or Postgres of the caller, who also stops it. By default the cluster has its own. */
  readonly redis?: RedisService | undefined;
  readonly postgres?: PostgresService | undefined;
  /**
   * Default false: what a drill did to Redis, Postgres or nginx lasts until the drill undoes it. True starts them
   * again when they die, as the server processes are in any case.
   */
  readonly superviseServices?: boolean | undefined;
  /** Stands between the parts of the cluster, for drills. */
  readonly wire?: ((parts: WiredParts) => Promise<Wiring>) | undefined;
  readonly onEvent?: ((event: ClusterEvent) => void) | undefined;
}

export interface WiredParts {
  /** Of all processes that will be started: `gateway-1` … */
  readonly names: readonly string[];
  /** As the processes would have them. */
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

export interface Wiring extends AsyncDisposable {
  /** Settings of one process over those of the cluster, asked at each of its starts. */
  envOf(name: string): Readonly<Record<string, string>>;
  /** The port at which the front reaches a process. */
  frontPort(name: string, port: number): Promise<number>;
}

export interface Cluster extends AsyncDisposable {
  /** Of the front, without a slash at the end. */
  readonly url: string;
  /** `ws://…/ws` of the front. */
  readonly wsUrl: string;
  /** Where data, keys and logs are. */
  readonly directory: string;
  readonly gateways: readonly ClusterProcess[];
  readonly writers: readonly ClusterProcess[];
  readonly apis: readonly ClusterProcess[];
  /** One, if it was asked for. */
  readonly backups: readonly ClusterProcess[];
  readonly redis: RedisService;
  readonly postgres: PostgresService;
  /** Of the server processes. */
  readonly databaseUrl: string;
  /** Runs a command of the server with the settings of the cluster; answers what it prints. @throws with its stderr */
  command(...args: readonly string[]): Promise<string>;
  readonly nginx: NginxService;
  /** Resolves when every process answers `/readyz` with 200, and the front reaches them. */
  ready(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const readyDeadlineMs = 30_000;

/** Starts real processes on loopback ports, as they run in production, and waits until all are ready. */
export function startCluster(options: ClusterOptions): Promise<Cluster> {
  return startAll((owned) => assemble(options, owned));
}

async function assemble(options: ClusterOptions, owned: Disposal): Promise<Cluster> {
  const { gateways, writers, apis = 1, onEvent = () => undefined } = options;
  const progress = (message: string) => onEvent({ type: "progress", message });
  const directory = await openDataDirectory("cluster", options.directory);
  owned.use({ [Symbol.asyncDispose]: directory.close });
  // Postgres and the workers of nginx have accounts of their own when this runs as root.
  await chmod(directory.path, 0o711);
  const below = (name: string) => join(directory.path, name);
  const own = (service: Service): AsyncDisposable =>
    owned.use(options.superviseServices === true ? supervise(service, onEvent) : service);

  progress("starting Postgres, Redis and nginx");
  // Postgres first: it refuses a directory that another cluster serves, where the others would not notice.
  const postgres = options.postgres ?? (await startPostgres({ directory: below("postgres") }));
  if (options.postgres === undefined) own(postgres);
  // The servers must know the origin of the page: the front comes before what is behind it.
  const nginx = await startNginx({ port: options.port, gateways: [], apis: [], directory: below("nginx") });
  const front = own(nginx);
  const redis =
    options.redis ?? (await startRedis({ directory: below("redis"), password: randomBytes(18).toString("hex") }));
  if (options.redis === undefined) own(redis);
  progress("bringing the schema up to date, making keys");
  const keeping = options.takesBackups === true ? backupEnv(directory.path, postgres) : {};
  const settings = { ...keeping, ...options.env };
  const env = await prepareEnv({ directory: directory.path, front: nginx, redis, postgres, env: settings });
  progress(
    `starting ${counted(writers, "writer")}, ${counted(apis, "api process", "es")} and ${counted(gateways, "gateway")}`,
  );
  const names = (role: string, count: number) => Array.from({ length: count }, (_, index) => `${role}-${index + 1}`);
  const wiring = await options.wire?.({
    names: [
      ...names("gateway", gateways),
      ...names("writer", writers),
      ...names("api", apis),
      ...names("backup", options.takesBackups === true ? 1 : 0),
    ],
    redisUrl: env.REDIS_URL,
    databaseUrl: env.DATABASE_URL,
  });
  if (wiring !== undefined) owned.use(wiring);
  const start = (role: string, count: number) =>
    startRole({
      role,
      count,
      env,
      zones: options.zones,
      envOf: wiring?.envOf,
      directory: directory.path,
      owned,
      onEvent,
    });
  const started = [start("writer", writers), start("api", apis), start("gateway", gateways)] as const;
  const roles = await Promise.all([...started, start("backup", options.takesBackups === true ? 1 : 0)]);
  const cluster = {
    writers: roles[0],
    apis: roles[1],
    gateways: roles[2],
    backups: roles[3],
    redis,
    postgres,
    nginx,
    databaseUrl: env.DATABASE_URL,
    command: (...args: readonly string[]) => runCommand(env, args),
  };
  const frontPorts = (processes: readonly ClusterProcess[]) =>
    Promise.all(processes.map(async ({ name, port }) => (await wiring?.frontPort(name, port)) ?? port));
  await nginx.reconfigure({ gateways: await frontPorts(roles[2]), apis: await frontPorts(roles[1]) });
  const ready = (timeoutMs = readyDeadlineMs) => waitUntilReady(roles.flat(), nginx.url, timeoutMs);
  await ready();
  const stop = async () => {
    // Without a front the clients are gone, and no gateway waits for them to leave.
    await front[Symbol.asyncDispose]();
    await owned[Symbol.asyncDispose]();
  };
  const wsUrl = `${nginx.url.replace("http", "ws")}/ws`;
  return { ...cluster, url: nginx.url, wsUrl, directory: directory.path, ready, stop, [Symbol.asyncDispose]: stop };
}

/** The role needs a user of Postgres that may replicate. */
function backupEnv(directory: string, postgres: PostgresService): Readonly<Record<string, string>> {
  return {
    BACKUP_TARGETS: `file:${join(directory, "backups")}`,
    BACKUP_DATABASE_URL: postgres.url,
    DATA_DIR: join(directory, "backup-data"),
  };
}

function counted(count: number, noun: string, plural = "s"): string {
  return `${count} ${noun}${count === 1 ? "" : plural}`;
}
