import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverMain } from "./cluster-env.ts";
import { eventually } from "./eventually.ts";
import { repositoryRoot } from "./paths.ts";
import { type Service, startService } from "./services/service.ts";

const readyMs = 30_000;

/** `npm start` as a process of its own, in a data directory that outlives it: kill it, start it again. */
export interface Embedded extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly wsUrl: string;
  readonly directory: string;
  readonly pid: number;
  readonly output: string;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** At the same port, on the same data. Resolves when it is ready. */
  restart(): Promise<void>;
}

/** `env`: settings over the defaults. */
export async function startEmbedded(env: Readonly<Record<string, string>> = {}): Promise<Embedded> {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-embedded-"));
  const service = await startService({
    name: "embedded",
    launch: (port) => ({
      name: "embedded",
      command: process.execPath,
      args: ["--enable-source-maps", serverMain],
      cwd: repositoryRoot,
      env: { PATH: process.env["PATH"], DATA_DIR: directory, PORT: `${port}`, ...env },
      stopDeadlineMs: readyMs,
    }),
    probe: ready,
  });
  const url = `http://127.0.0.1:${service.port}`;
  return {
    url,
    wsUrl: `${url.replace("http", "ws")}/ws`,
    directory,
    get pid() {
      return service.pid;
    },
    get output() {
      return service.output;
    },
    kill: (signal) => service.kill(signal),
    restart: () => restart(service),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function restart(service: Service): Promise<void> {
  await service.restart();
  await eventually(() => ready(service.port), { timeoutMs: readyMs });
}

async function ready(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`);
}
