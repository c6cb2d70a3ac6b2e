import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataDirectory } from "@hubbub/testkit";
import { CannotRun, engineIn, makeStandIns, openCache, startBuilder, unpackEngine } from "./compose/engine.ts";
import { runSteps } from "./compose/run-steps.ts";
import { Stack } from "./compose/stack.ts";
import { timed } from "./compose/timed.ts";

/** Another run of this machine has the cache. */
const taken = 75;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const buildCacheMax = "4gb";
const self = fileURLToPath(import.meta.url);
const [, , stage = "lock", ...wanted] = process.argv;

/**
 * Runs docker-compose.yml for real, three processes deep: one that holds the lock of the cache, one that prepares engine and
 * images, and one with a network of its own, in which the containers run and are tried.
 */
try {
  if (stage === "inside") process.exitCode = await inside();
  else if (stage === "prepared") process.exitCode = await prepare();
  else process.exitCode = await lock(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof CannotRun ? error.message : error);
}
process.exit();

async function lock(only: readonly string[]): Promise<number> {
  const cache = await openCache();
  const code = await become("flock", [
    "--no-fork",
    "-n",
    "-E",
    String(taken),
    join(cache, "lock"),
    ...again("prepared", only),
  ]);
  if (code === taken) console.error("test:compose runs on this machine already: wait for it to end.");
  return code;
}

async function prepare(): Promise<number> {
  const cache = await openCache();
  await timed("unpack the engine", () => unpackEngine(cache));
  const engine = engineIn(cache);
  const leave = () => process.exit(130);
  for (const signal of signals) process.on(signal, leave);
  await timed("make stand-ins for the base images, and build ours", async () => {
    await using directory = await disposable();
    await using daemon = await startBuilder(engine);
    const standIns = await makeStandIns(engine, daemon);
    const stack = new Stack({ env: engine.env, daemon, directory: directory.path });
    await stack.compose("build");
    // What earlier runs built of other sources.
    await stack.docker("image", "prune", "--force");
    await stack.docker("buildx", "prune", "--force", "--max-used-space", buildCacheMax);
    return `stand-ins ${standIns}`;
  });
  for (const signal of signals) process.off(signal, leave);
  return await become("unshare", ["--net", ...again("inside", wanted)]);
}

async function inside(): Promise<number> {
  const engine = engineIn(await openCache());
  await using directory = await disposable();
  return await runSteps(engine, directory.path, wanted);
}

async function disposable() {
  const directory = await openDataDirectory("compose-run", undefined);
  return { path: directory.path, [Symbol.asyncDispose]: directory.close };
}

function again(name: string, more: readonly string[]): string[] {
  return [process.execPath, "--enable-source-maps", self, name, ...more];
}

async function become(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit" });
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
