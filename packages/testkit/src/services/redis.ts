import { once } from "node:events";
import { appendFile, chmod, copyFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { infraFile } from "../paths.ts";
import { openDataDirectory } from "./data-directory.ts";
import { type ProgramSpec, provide } from "./provide.ts";
import { type Service, startService } from "./service.ts";

export interface RedisService extends Service {
  readonly url: string;
}

export interface RedisOptions {
  readonly port?: number | undefined;
  /** Where its data lives; without it, a temporary directory. */
  readonly directory?: string | undefined;
  /** Default true: the append-only file of `infra/redis/redis.conf`. False keeps nothing, for tests that do not restart it. */
  readonly durable?: boolean | undefined;
  /** What clients have to know; without it, anybody on this machine may connect. */
  readonly password?: string | undefined;
  /** Over those of `infra/redis/redis.conf`: `["--appendfsync", "always"]`. */
  readonly settings?: readonly string[] | undefined;
}

export const redisProgram: ProgramSpec = {
  title: "Redis",
  binaries: ["redis-server"],
  directories: [],
  aptPackage: "redis-server",
  image: "redis:7.4-alpine",
  urlVariable: "TEST_REDIS_URL",
};

/** A Redis of its own on the loopback interface, set up as in production. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisService> {
  const source = await provide(redisProgram);
  const directory = await openDataDirectory("redis", options.directory);
  // A copy: Redis writes into its file when sentinels change its role.
  const config = join(directory.path, "redis.conf");
  await copyFile(infraFile("redis/redis.conf"), config);
  await chmod(config, 0o600);
  const { password = "" } = options;
  // In the file, because every account can read the arguments of a process.
  if (password !== "") await appendFile(config, `\nrequirepass ${password}\n`);
  const settings = [...(options.durable === false ? ["--appendonly", "no"] : []), ...(options.settings ?? [])];
  const service = await startService({
    name: "Redis",
    port: options.port,
    launch(port) {
      if (source.kind === "binary") {
        const args = [config, "--bind", "127.0.0.1", "--port", `${port}`, ...settings];
        return {
          name: "Redis",
          command: join(source.directory, "redis-server"),
          args: [...args, "--dir", directory.path],
        };
      }
      const container = `hubbub-redis-${process.pid}-${port}`;
      const mounts = ["-v", `${config}:/redis.conf`, "-v", `${directory.path}:/data`];
      const user = ["--user", `${process.getuid?.()}:${process.getgid?.()}`];
      const docker = [
        "run",
        "--rm",
        "--name",
        container,
        ...user,
        "-p",
        `127.0.0.1:${port}:6379`,
        ...mounts,
        source.image,
      ];
      const args = [
        ...docker,
        "redis-server",
        "/redis.conf",
        "--bind",
        "0.0.0.0",
        "--protected-mode",
        "no",
        ...settings,
      ];
      return { name: "Redis", command: "docker", args, container };
    },
    probe: (port, pid) => probe(port, password, source.kind === "binary" ? pid : null),
    cleanUp: directory.close,
  });
  return Object.assign(service, { url: `redis://${password === "" ? "" : `:${password}@`}127.0.0.1:${service.port}` });
}

/** Asks for the process id too: a stranger that listens on our port by accident is not our Redis. */
async function probe(port: number, password: string, pid: number | null): Promise<void> {
  const socket = connect(port, "127.0.0.1")
    .setEncoding("utf8")
    .setTimeout(1_000, () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
    socket.write(`${password === "" ? "" : `AUTH ${password}\r\n`}INFO server\r\n`);
    let answer = "";
    while (!answer.includes("tcp_port")) {
      const [chunk]: unknown[] = await once(socket, "data");
      answer += String(chunk);
      if (answer.startsWith("-")) throw new Error(`Redis answers ${answer}`);
    }
    if (pid !== null && !answer.includes(`process_id:${pid}\r\n`)) throw new Error(`port ${port} is somebody else's`);
  } finally {
    socket.destroy();
  }
}
