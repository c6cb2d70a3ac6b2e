import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";

const SERVER = "redis-server";

/** A Redis of one test, which may lose what it likes. */
export interface OwnRedis {
  readonly url: string;
  /** Answers with the first line of the reply. */
  ask(command: string): Promise<string>;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** What it holds now, to come back to. */
  dump(): Promise<void>;
  /** Stopped, and started again as of the dump. */
  fallBack(): Promise<void>;
}

export async function startOwnRedis(...settings: string[]): Promise<OwnRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "hubbub-writer-"));
  const [now, then] = [join(directory, "dump.rdb"), join(directory, "older.rdb")];
  let server: ChildProcess | undefined;
  const ask = (command: string) => answerTo(port, command);
  const redis: OwnRedis = {
    url: `redis://127.0.0.1:${port}`,
    ask,
    async kill() {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
    async start() {
      const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, "--save", "", ...settings];
      server = spawn(SERVER, args, { stdio: "ignore" });
      await vi.waitFor(async () => expectPong(await ask("PING")), { timeout: 10_000 });
    },
    async dump() {
      await ask("SAVE");
      await copyFile(now, then);
    },
    async fallBack() {
      await redis.kill();
      await copyFile(then, now);
      await redis.start();
    },
  };
  await redis.start();
  onTestFinished(async () => {
    await redis.kill();
    await rm(directory, { recursive: true });
  });
  return redis;
}

function expectPong(answer: string): void {
  if (answer !== "+PONG") throw new Error(`redis answers ${answer}`);
}

function answerTo(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(port, "127.0.0.1", () => connection.write(`${command}\r\n`));
    connection.once("error", reject);
    connection.once("data", (answer) => {
      connection.destroy();
      resolve(answer.toString().split("\r\n")[0] ?? "");
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
