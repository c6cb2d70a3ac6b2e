import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stopProcess } from "./bench/measure/child.ts";

/** One server process under test, started as an operator would start it. */
export interface HubbubProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** The repository that this file was built in. */
export const OWN_ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = "packages/server/dist/main.js";
const START_DEADLINE_MS = 30_000;
const READY_POLL_MS = 50;
const KEPT_OUTPUT = 8_192;

/**
 * Starts a server on a free port and waits until it is ready. `root`: directory of the build.
 * @throws with the end of its output when it is not
 */
export async function startHubbubProcess(
  environment: Readonly<Record<string, string>>,
  root: string = OWN_ROOT,
): Promise<HubbubProcess> {
  const child = spawn(process.execPath, [join(root, MAIN)], {
    env: { PATH: process.env["PATH"], PORT: "0", LOG_LEVEL: "info", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the server did not start");
  const port = await portOf(child);
  await untilReady(child, port);
  return { pid, port, [Symbol.asyncDispose]: () => stopProcess(child) };
}

/** Runs one of its commands, such as `migrate`, to the end. */
export async function runHubbubCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  root: string = OWN_ROOT,
): Promise<void> {
  const child = spawn(process.execPath, [join(root, MAIN), ...args], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code]: unknown[] = await once(child, "exit");
  if (code !== 0) throw new Error(`the server's command ${args.join(" ")} ended with ${String(code)}`);
}

/** The port is in the log line that says it listens; the rest of the log is read and forgotten. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      const port = /"port":(\d+)[^\n]*"listening"/.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} while starting:\n${output}`)));
    setTimeout(() => reject(new Error(`the server did not start:\n${output}`)), START_DEADLINE_MS).unref();
  });
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  let last = "";
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    last = await answer.text();
    if (answer.ok) return;
    await sleep(READY_POLL_MS);
  }
  throw new Error(`the server did not become ready: ${last}`);
}
