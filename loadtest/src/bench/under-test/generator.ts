import type { LoadPlan, Run, RunResult } from "../generator/load-plan.ts";
import { startChild } from "../measure/child.ts";

/** Connects a plan in a process of its own, runs it once, and ends it. `connected` runs between the two. */
export async function generate(
  plan: LoadPlan,
  run: Run,
  connected: () => Promise<void> = () => Promise.resolve(),
): Promise<RunResult> {
  await using generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  await generator.ask("connect", plan);
  await connected();
  return await generator.ask<RunResult>("run", run);
}
