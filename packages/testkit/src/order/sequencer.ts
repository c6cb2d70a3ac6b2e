import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { mergeLanes } from "./lanes.ts";
import { SECONDS, USUAL_SECONDS } from "./seconds.ts";

/**
 * Two lanes: the files that start a whole cluster, which wait much, and all others, which mostly compute. So both cores
 * have work to the end, and `one-cluster.ts` seldom lets a worker wait.
 */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const laneOf = (lane: "cluster" | "others") => ({
      items: files.filter(({ project }) => (project.name === "cluster") === (lane === "cluster")),
      secondsOf: ({ moduleId }: TestSpecification) =>
        SECONDS[relative(this.ctx.config.root, moduleId)] ?? USUAL_SECONDS[lane],
    });
    return mergeLanes([laneOf("cluster"), laneOf("others")]);
  }
}
