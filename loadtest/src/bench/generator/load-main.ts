import { answerParent } from "../measure/child.ts";
import { Load } from "./load.ts";
import type { LoadPlan, Run } from "./load-plan.ts";
import { runLoad } from "./run.ts";

/** The load generator: connects a plan, runs it once, and ends with its parent. */
let connected: { load: Load; copies: number } | undefined;

answerParent({
  async connect(plan: LoadPlan) {
    connected = { load: await Load.connect(plan), copies: plan.copies };
  },
  run(run: Run) {
    if (connected === undefined) throw new Error("connect first");
    return runLoad(connected.load, run, connected.copies);
  },
});
