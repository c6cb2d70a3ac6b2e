import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "@hubbub/testkit";
import type { Bench } from "../bench.ts";
import { NAMESPACE } from "../generator/centrifugo-dialect.ts";
import { stopProcess } from "../measure/child.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";

/** Centrifugo nodes with a Redis of their own, configured as Hubbub's is. */
export interface Centrifugo extends AsyncDisposable {
  readonly nodes: readonly CentrifugoNode[];
  readonly redis: ProcessGroup;
}

interface CentrifugoNode extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** `maxProcs`: GOMAXPROCS; undefined: Go takes all cores. */
export interface CentrifugoOptions {
  readonly nodes: number;
  readonly maxProcs?: number | undefined;
}

const SECRET = "bench";
const CLIENT_QUEUE_BYTES = 256 * 1_024 * 1_024;
const START_DEADLINE_MS = 30_000;
const POLL_MS = 50;

export const CENTRIFUGO_LINE = `Centrifugo: JSON protocol, Redis engine, HS256 token, history_size 300, history_ttl 10m, force_positioning, force_recovery, publish by clients, client.queue_max_size ${CLIENT_QUEUE_BYTES / 1_024 / 1_024} MiB so that a client that lags is not cut; it checks no membership and no revocation, and drops no publish that is sent twice`;

function settingsOf(port: number, redisUrl: string): string {
  return JSON.stringify({
    http_server: { address: "127.0.0.1", port },
    health: { enabled: true },
    log: { level: "info" },
    client: {
      token: { hmac_secret_key: SECRET },
      allowed_origins: ["*"],
      queue_max_size: CLIENT_QUEUE_BYTES,
    },
    engine: { type: "redis", redis: { address: redisUrl } },
    channel: {
      namespaces: [
        {
          name: NAMESPACE,
          history_size: 300,
          history_ttl: "10m",
          force_positioning: true,
          force_recovery: true,
          allow_subscribe_for_client: true,
          allow_publish_for_subscriber: true,
          allow_publish_for_client: true,
        },
      ],
    },
  });
}

export async function startCentrifugo(bench: Bench, { nodes, maxProcs }: CentrifugoOptions): Promise<Centrifugo> {
  const binary = await bench.centrifugo();
  const redis = await startRedis();
  const running: CentrifugoNode[] = [];
  const close = async (): Promise<void> => {
    for (const node of running.splice(0)) await node[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  };
  try {
    for (let index = 0; index < nodes; index++) {
      running.push(await startNode(binary, await mkdtemp(join(bench.directory, "centrifugo-")), redis.url, maxProcs));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    nodes: [...running],
    redis: { name: "redis", roots: [redis.pid] },
    [Symbol.asyncDispose]: close,
  };
}

/** A token for this user, as Centrifugo checks it with the shared secret. */
export function centrifugoToken(user: string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: user })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

async function startNode(
  binary: string,
  directory: string,
  redisUrl: string,
  maxProcs: number | undefined,
): Promise<CentrifugoNode> {
  const port = await freePort();
  const file = join(directory, "config.json");
  await writeFile(file, settingsOf(port, redisUrl));
  const child = spawn(binary, ["-c", file], {
    env: { PATH: process.env["PATH"], ...(maxProcs === undefined ? {} : { GOMAXPROCS: String(maxProcs) }) },
    stdio: "ignore",
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("Centrifugo did not start");
  await untilHealthy(child, port);
  return { pid, port, [Symbol.asyncDispose]: () => stopProcess(child) };
}

async function untilHealthy(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(POLL_MS);
  }
  await stopProcess(child);
  throw new Error(`Centrifugo did not become healthy on port ${port}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
