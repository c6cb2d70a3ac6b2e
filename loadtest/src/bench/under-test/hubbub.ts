import { readSigningKeys } from "@hubbub/runtime";
import { createTestDatabase, startRedis } from "@hubbub/testkit";
import { type HubbubProcess, runHubbubCommand, startHubbubProcess } from "../../hubbub-process.ts";
import type { Bench } from "../bench.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { People } from "./people.ts";

/** A cluster of separate processes with a Redis and a database of its own, and nobody in it yet. */
export interface Hubbub extends AsyncDisposable {
  readonly gateways: readonly HubbubProcess[];
  readonly people: People;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly redis: ProcessGroup;
  readonly postgres: ProcessGroup;
  /** What stores: Postgres and the writers that were asked for. */
  readonly storing: readonly ProcessGroup[];
  /** Roles that are added later, such as a writer that finds a full log. */
  start(role: "gateway" | "writer" | "api"): Promise<HubbubProcess>;
}

/** The one address of the bench is many users: limits per connection and address do not apply to it. */
const RAISED_LIMITS = {
  FRAMES_PER_SECOND: "1000000",
  PUBLISHES_PER_SECOND: "1000000",
  PUBLISHES_PER_SECOND_PER_USER: "1000000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "1000000",
  CONNECTIONS_PER_ADDRESS: "1000000",
  PINGS_PER_SECOND_PER_ADDRESS: "40000",
  INFLIGHT_PUBLISHES_PER_CONNECTION: "10000",
  BACKLOG_MAX_EVENTS: "5000000",
  PAGE_BYTES_PER_SECOND_PER_USER: "1000000000",
  PAGE_BYTES_PER_SECOND_PER_ADDRESS: "1000000000",
} as const;

export const LIMITS_LINE = `Hubbub's settings are the defaults but for ${Object.entries(RAISED_LIMITS)
  .map(([name, value]) => `${name}=${value}`)
  .join(" ")}`;

/** Nothing waits to leave together with what comes next, neither accepted events nor deliveries. */
export const UNGATHERED = { GATHER_MAX_MS: "0", FLUSH_MAX_MS: "0" } as const;
export const UNGATHERED_NAME = Object.entries(UNGATHERED)
  .map(([name, value]) => `${name}=${value}`)
  .join(" ");

export interface HubbubOptions {
  readonly gateways: number;
  readonly writers: number;
  /** On top of the raised limits. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Directory of another build. */
  readonly root?: string | undefined;
}

export async function startHubbub(
  bench: Pick<Bench, "postgres" | "directory">,
  { gateways, writers, settings, root }: HubbubOptions,
): Promise<Hubbub> {
  const started: AsyncDisposable[] = [];
  const use = <Thing extends AsyncDisposable>(thing: Thing): Thing => {
    started.push(thing);
    return thing;
  };
  const close = async (): Promise<void> => {
    for (const thing of started.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  };
  const bringUp = async (): Promise<Hubbub> => {
    const redis = use(await startRedis());
    const database = use(await createTestDatabase(bench.postgres.url));
    const keysFile = `${bench.directory}/keys.json`;
    await runHubbubCommand(["keys", keysFile], {}, root);
    await runHubbubCommand(["migrate"], { DATABASE_URL: database.url }, root);
    const environment = { REDIS_URL: redis.url, DATABASE_URL: database.url, AUTH_KEYS_FILE: keysFile };
    const start = async (role: "gateway" | "writer" | "api"): Promise<HubbubProcess> =>
      use(await startHubbubProcess({ ...environment, ...RAISED_LIMITS, ...settings, ROLES: role }, root));
    const people = use(await People.open(database.url, await readSigningKeys(keysFile)));
    const running: HubbubProcess[] = [];
    for (let index = 0; index < gateways; index++) running.push(await start("gateway"));
    const writing: HubbubProcess[] = [];
    for (let index = 0; index < writers; index++) writing.push(await start("writer"));
    const postgres = { name: "postgres", roots: [await people.serverPid()] };
    return {
      gateways: running,
      people,
      redisUrl: redis.url,
      databaseUrl: database.url,
      redis: { name: "redis", roots: [redis.pid] },
      postgres,
      storing: [...(writers === 0 ? [] : [{ name: "writer", roots: writing.map(({ pid }) => pid) }]), postgres],
      start,
      [Symbol.asyncDispose]: close,
    };
  };
  return bringUp().catch(async (error: unknown) => {
    await close();
    throw error;
  });
}
