import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, openDataDirectory, run } from "@hubbub/testkit";
import type { Engine } from "./engine.ts";

export interface Daemon extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Containers and images. */
  readonly data: string;
  /** To a process that the daemon knows under this id, as in `docker top`. */
  signal(pid: number, signal: string): Promise<void>;
}

/** A name of its own: what is left there can only be of a run of this test. */
const cgroup = "hubbub-compose-test";
const startMs = 60_000;
const stopMs = 60_000;

/**
 * A daemon that shares nothing with another one on this machine but the kernel. It and all of its containers have a process
 * and mount namespace of their own, and end with it.
 */
export async function startDaemon({ cache, env }: Engine, options: readonly string[]): Promise<Daemon> {
  const directory = await openDataDirectory("compose", undefined);
  const data = join(cache, "docker");
  await mkdir(data, { recursive: true });
  const config = join(directory.path, "daemon.json");
  await writeFile(config, "{}");
  const host = `unix://${directory.path}/docker.sock`;
  const places = ["--data-root", data, "--exec-root", join(directory.path, "exec"), "-H", host];
  const own = ["--config-file", config, "--pidfile", join(directory.path, "pid"), `--cgroup-parent=/${cgroup}`];
  const log = openSync(join(cache, "dockerd.log"), "w");
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  // Should this process be killed, the daemon is as well, and with it all of its namespaces.
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", ...namespaces, "dockerd", ...places, ...own, ...options],
    {
      env,
      stdio: ["ignore", log, log],
    },
  );
  const signal = async (pid: number, name: string) => {
    const [daemonPid] = await childrenOf(child.pid);
    await run("nsenter", ["-t", String(daemonPid), "-p", "-m", "sh", "-c", `kill -${name} ${pid}`]);
  };
  const daemon = { host, data, signal, [Symbol.asyncDispose]: () => stop(child).then(directory.close) };
  const answers = () => run("docker", ["version"], { env: { ...env, DOCKER_HOST: host } });
  await eventually(answers, { timeoutMs: startMs }).catch(async (cause: unknown) => {
    await daemon[Symbol.asyncDispose]();
    throw new Error(`the container daemon does not answer; see ${join(cache, "dockerd.log")}`, { cause });
  });
  return daemon;
}

/** The daemon is the child of `unshare`, which ends with it. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const killed = setTimeout(() => child.kill("SIGKILL"), stopMs);
  for (const pid of await childrenOf(child.pid)) process.kill(pid, "SIGTERM");
  await ended;
  clearTimeout(killed);
  const left = `find /sys/fs/cgroup -depth -type d -path '*/${cgroup}*' -exec rmdir {} + 2> /dev/null`;
  await run("sh", ["-c", left]).catch(() => undefined);
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return list.split(" ").filter(Boolean).map(Number);
}
