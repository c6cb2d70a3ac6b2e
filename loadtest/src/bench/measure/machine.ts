import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem } from "node:os";
import { Redis } from "ioredis";
import { Client } from "pg";

/** Where the figures hold: they mean nothing on another machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
}

export type Versions = Readonly<Record<string, string>>;

const GIB = 1_024 ** 3;
const PACKAGES = [
  "uWebSockets.js",
  "socket.io",
  "@socket.io/redis-adapter",
  "@socket.io/redis-streams-adapter",
  "ioredis",
  "pg",
];

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / GIB),
    kernel: release(),
  };
}

export async function describeVersions(redisUrl: string, databaseUrl: string): Promise<Versions> {
  return {
    node: process.versions.node,
    redis: await redisVersion(redisUrl),
    postgres: await postgresVersion(databaseUrl),
    ...Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
  };
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  const info = await redis.info("server");
  redis.disconnect();
  return /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
}

async function postgresVersion(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  await client.end();
  return rows[0]?.server_version ?? "unknown";
}

/** Packages hide their package.json behind `exports`: it is looked up by walking from the module itself. */
function packageVersion(name: string): string {
  const module = createRequire(import.meta.url).resolve(name);
  const root = module.slice(0, module.lastIndexOf(`/node_modules/${name}/`));
  const { version } = JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, "utf8")) as {
    version: string;
  };
  return version;
}
