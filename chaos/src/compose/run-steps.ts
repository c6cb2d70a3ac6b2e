import { run } from "@hubbub/testkit";
import { startDaemon } from "./daemon.ts";
import type { Engine } from "./engine.ts";
import { Stack } from "./stack.ts";
import { STEPS } from "./steps.ts";
import { timed } from "./timed.ts";

const [first] = STEPS;

/** In a network of its own. `wanted`: parts of the names of steps; none: all. Answers the exit code. */
export async function runSteps(engine: Engine, directory: string, wanted: readonly string[]): Promise<number> {
  await run("ip", ["link", "set", "lo", "up"]);
  await using daemon = await startDaemon(engine, []);
  const stack = new Stack({ env: engine.env, daemon, directory });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  await sweep(stack);
  const failed: string[] = [];
  for (const step of STEPS) {
    const isWanted = wanted.length === 0 || step === first || wanted.some((part) => step.name.includes(part));
    if (!isWanted) continue;
    await timed(step.name, () => step.run(stack)).catch(async (error: unknown) => {
      failed.push(step.name);
      console.error(`FAILED  ${step.name}\n`, error);
      console.error(await stack.compose("logs", "--tail", "5").catch(String));
    });
  }
  await sweep(stack);
  console.log(failed.length === 0 ? "all steps passed" : `${failed.length} steps failed:\n  ${failed.join("\n  ")}`);
  return failed.length === 0 ? 0 : 1;
}

/** The daemon and all it has are this test's: what a run that was killed left is removed at the start of the next. */
async function sweep(stack: Stack): Promise<void> {
  const ids = (await stack.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
  if (ids.length > 0) await stack.docker("rm", "--force", "--volumes", ...ids);
  for (const kind of ["network", "volume"])
    await stack.docker(kind, "prune", "--force", ...(kind === "volume" ? ["--all"] : []));
}
