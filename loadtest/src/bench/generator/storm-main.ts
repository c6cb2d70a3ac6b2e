import { answerParent } from "../measure/child.ts";
import { Storm } from "./storm.ts";
import type { StormPlan, StormRun } from "./storm-plan.ts";

/** The generator of a reconnect storm: connects a plan, runs it once, and ends with its parent. */
let storm: Storm | undefined;

answerParent({
  async connect(plan: StormPlan) {
    storm = await Storm.connect(plan);
  },
  run(run: StormRun) {
    if (storm === undefined) throw new Error("connect first");
    return storm.run(run);
  },
});
