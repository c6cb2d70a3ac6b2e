import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished, vi } from "vitest";

const SERVER = "redis-server";

/** A Redis of one test, to be killed, stopped and restarted. */
export interface OwnRedis {
  readonly url: string;
  /** Somebody beside the broker. Made anew by `restart`. */
  readonly admin: Redis;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Stopped in good order and started again, with what it kept. */
  restart(): Promise<void>;
}

export async function startOwnRedis(...settings: string[]): Promise<OwnRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "hubbub-broker-"));
  let server: ChildProcess;
  let admin: Redis;
  const start = async () => {
    const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, "--save", "", ...settings];
    server = spawn(SERVER, args, { stdio: "ignore" });
    admin = new Redis({ port, protocol: 2, retryStrategy: () => 20 });
    admin.on("error", () => undefined);
    await vi.waitFor(() => admin.ping(), { timeout: 10_000 });
  };
  const stop = async () => {
    admin.disconnect();
    const exited = once(server, "exit");
    server.kill("SIGCONT");
    server.kill("SIGTERM");
    await exited;
  };
  await start();
  onTestFinished(async () => {
    await stop();
    await rm(directory, { recursive: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    get admin() {
      return admin;
    },
    signal: (signal) => server.kill(signal),
    async restart() {
      await stop();
      await start();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Ends the connections of this name, as a failing network would. */
export async function killConnections({ admin }: OwnRedis, name: string): Promise<number> {
  const clients = String(await admin.client("LIST")).split("\n");
  const ids = clients
    .filter((line) => line.includes(` name=${name} `))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");
  for (const id of ids) await admin.client("KILL", "ID", id);
  return ids.length;
}
