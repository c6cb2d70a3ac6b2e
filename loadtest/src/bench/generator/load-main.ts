import { answerParent } from "../measure/child.ts";
import { Load } from "./load.ts";
import type { LoadPlan, Run } from "./load-plan.ts";
import { overload } from "./overload.ts";
import type { OverloadRun } from "./overload-plan.ts";
import { runLoad } from "./run.ts";

/** The load generator: connects a plan, runs it once, and ends with its parent. */
let connected: { load: Load; copies: number } | undefined;

function needed(): { load: Load; copies: number } {
  if (connected === undefined) throw new Error("connect first");
  return connected;
}

answerParent({
  async connect(plan: LoadPlan) {
    connected = { load: await Load.connect(plan), copies: plan.copies };
  },
  run(run: Run) {
    const { load, copies } = needed();
    return runLoad(load, run, copies);
  },
  overload: (run: OverloadRun) => overload(needed().load, run),
});
