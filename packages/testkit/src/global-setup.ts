import type { TestProject } from "vitest/node";
import { startAll } from "./disposal.ts";
import { startPostgres } from "./services/postgres.ts";
import { startRedis } from "./services/redis.ts";

interface Services extends AsyncDisposable {
  readonly redisUrl: string;
  readonly postgresUrl: string;
}

interface Shared {
  users: number;
  services: Promise<Services>;
}

/**
 * Redis and Postgres for a whole test run. Every vitest project that names this file loads it once more, in a module
 * graph of its own but in the same process: so what they share hangs on `globalThis`, counted, and the last one stops it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = sharedServices();
  shared.users += 1;
  const { redisUrl, postgresUrl } = await shared.services;
  project.provide("redisUrl", redisUrl);
  project.provide("postgresUrl", postgresUrl);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    Reflect.deleteProperty(globalThis, key);
    const services = await shared.services;
    await services[Symbol.asyncDispose]();
  };
}

const key = Symbol.for("hubbub.testkit.services");

function sharedServices(): Shared {
  const existing: Shared | undefined = Reflect.get(globalThis, key);
  if (existing !== undefined) return existing;
  const created: Shared = { users: 0, services: startServices() };
  Reflect.set(globalThis, key, created);
  return created;
}

/** Without durability: test files come and go, these two live as long as the run and no longer. */
function startServices(): Promise<Services> {
  const { TEST_REDIS_URL, TEST_POSTGRES_URL } = process.env;
  return startAll(async (owned) => {
    const redisUrl = TEST_REDIS_URL ?? owned.use(await startRedis({ durable: false })).url;
    const postgresUrl = TEST_POSTGRES_URL ?? owned.use(await startPostgres({ durable: false })).url;
    return { redisUrl, postgresUrl, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
  });
}
